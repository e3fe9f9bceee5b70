"""The attention-LSTM: one pass over a history serves every step and every candidate.

Shapes: b rows (one block of one user's history each), s steps, q queries (candidates, or in training the ratings
themselves), k slots of knowledge-graph vectors, v size of such a vector, n real steps or queries.

A query says how many steps of its row it may see (`visible`). It reads the recurrent state after the last of them and
attends to them only, so it sees neither the future nor a tie, and the recurrent state never depends on a candidate.

Rows are padded to one length, and where most histories are short more than half is padding. `place` lists the real
steps and queries in the flattened rows: what concerns one step or one query alone is computed for these n only.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.keras_backend import keras
from kgrec_gds.models.attention_lstm import layers
from kgrec_gds.models.attention_lstm.hyperparameters import Hyperparameters

ops = keras.ops

#: The movies as constant tensors by movie_index, row 0 padding; see `MovieTable`.
Catalogue = dict[str, Any]


@dataclass(frozen=True)
class Sizes:
    """Shapes of weights that follow from the data."""

    known_movies: int
    """Movies with an embedding of their own."""
    features: int
    """Feature columns of a query."""
    vector: int
    """Size of the knowledge-graph vectors, 0 without."""
    slots: int
    """Vectors of a movie: its own, its directors', its lead actors', its genres'."""


class AttentionNetwork(keras.Model):
    """Predicts rating minus baseline estimate. `build_network` makes it with its weights."""

    def __init__(self, settings: Hyperparameters, sizes: Sizes) -> None:
        super().__init__(name="attention_lstm")
        self.settings, self.sizes = settings, sizes
        self.noise = keras.random.SeedGenerator(0)
        self.encode_features = layers.PiecewiseLinear(sizes.features, settings.bins, name="encode_features")
        self.standardise = layers.Standardise(sizes.features, name="standardise")
        self.ids = keras.layers.Embedding(sizes.known_movies + 1, settings.id_size, name="ids")
        self.with_vectors = settings.use_vectors and sizes.vector > 0
        item_size = settings.id_size
        if self.with_vectors:
            item_size += settings.vector_size
            self.fusion = layers.SlotFusion(sizes.slots, sizes.vector, settings.vector_size, name="fusion")
        self.item_size = item_size
        if settings.use_lstm:
            units = settings.lstm_units
            self.step = keras.layers.Dense(units, activation="gelu", name="step")
            self.first_state = self.add_weight(shape=(1, 1, units), initializer="zeros", name="first_state")
            self.lstm = layers.FusedLstm(units, name="lstm")
            self.state_value = keras.layers.Dense(settings.key_size, use_bias=False, name="state_value")
            self.user_vector = keras.layers.Dense(item_size, use_bias=False, name="user_vector")
        self.attention = layers.HistoryAttention(
            item_size, settings.key_size, settings.attention_steps, name="attention"
        )
        # The head's first layer in two parts: gradients need not flow to the features, which saves most of its time.
        first, *deeper = settings.hidden
        self.from_features = keras.layers.Dense(first, use_bias=False, name="from_features")
        self.from_history = keras.layers.Dense(first, name="from_history")
        self.deeper = [
            keras.layers.Dense(units, activation="gelu", name=f"head_{number}")
            for number, units in enumerate(deeper)
        ]
        self.output_layer = keras.layers.Dense(1, kernel_initializer="zeros", name="output")
        self.skip = keras.layers.Dense(1, kernel_initializer="zeros", use_bias=False, name="skip")

    def build(self, *_: Any, **__: Any) -> None:
        """Weights are made by the first call; without this, Keras makes that call twice."""

    def seed(self, seed: int, epoch: int) -> None:
        """Start the dropout stream of an epoch."""
        self.noise.state.assign([seed, epoch])

    def items(self, movies: Any, catalogue: Catalogue, *, training: bool = False) -> Any:
        """Movie representations by index: (…) -> (…, item_size).

        In training a share of them lose their own embedding, as a new movie has none. A catalogue of representations,
        `represented`, is read as it is.
        """
        if "represented" in catalogue:
            return ops.take(catalogue["represented"], movies, axis=0)
        rows = ops.take(catalogue["id_rows"], movies)
        if training and self.settings.id_dropout > 0:
            kept = keras.random.uniform(ops.shape(rows), seed=self.noise) >= self.settings.id_dropout
            rows = rows * ops.cast(kept, rows.dtype)
        own = self.ids(rows)
        if not self.with_vectors:
            return own
        vectors = [ops.take(slot, movies, axis=0) for slot in catalogue["slots"]]
        fused = self.fusion(vectors, ops.take(catalogue["present"], movies, axis=0))
        return ops.concatenate([own, fused], axis=-1)

    def encode(
        self, steps: dict[str, Any], catalogue: Catalogue, *, training: bool = False
    ) -> dict[str, Any]:
        """One pass over histories.

        Args:
            steps: `movie`, `residual`, `rating`, `log_gap`, `at` (relative seconds), each (b, s); `place` (n,).
            catalogue: the movies.
            training: with dropout.

        Returns:
            `keys` and `values` of attention; with the LSTM, `states` (b, s + 1, units), where position p is the state
            after p steps.
        """
        items = _spread(self.items(_real(steps["movie"], steps), catalogue, training=training), steps)
        residual = steps["residual"][..., None]
        rated, encoded, values = items * residual, {}, [residual]
        if self.settings.use_lstm:
            inputs = [items, rated, residual, steps["rating"][..., None], steps["log_gap"][..., None]]
            inputs = self._drop(ops.concatenate(inputs, axis=-1), self.settings.step_dropout, training)
            after = self.lstm(self.step(inputs))  # (b, s, units)
            first = ops.broadcast_to(self.first_state, (ops.shape(after)[0], 1, self.settings.lstm_units))
            encoded["states"] = ops.concatenate([first, after], axis=1)
            values.append(self.state_value(after))
        return encoded | {
            "keys": self.attention.keys(items),
            "values": ops.concatenate([*values, rated], axis=-1),
            "at": steps["at"],
        }

    def score(
        self,
        encoded: dict[str, Any],
        queries: dict[str, Any],
        catalogue: Catalogue,
        *,
        training: bool = False,
    ) -> tuple[Any, Any]:
        """Predict queries against encoded histories.

        Args:
            encoded: from `encode`.
            queries: `movie`, `visible`, `at`, each (b, q); `place` (n,) and `features` (n, f) of the real queries.
            catalogue: the movies.
            training: with dropout.

        Returns:
            predicted residuals (n,), and attention weights (b, q, s) that sum to 1 where a step is visible.
        """
        items = self.items(_real(queries["movie"], queries), catalogue, training=training)
        visible = queries["visible"]
        seconds = ops.cast(queries["at"][..., None] - encoded["at"][:, None, :], "float32")  # (b, q, s)
        weights, gate = self.attention(
            _spread(self.attention.keys(items), queries),
            encoded["keys"],
            visible,
            ops.maximum(seconds, 0.0) / 3600.0,
        )
        parts = [items]
        if self.settings.use_lstm:
            state = ops.take_along_axis(encoded["states"], visible[..., None], axis=1)  # (b, q, units)
            state = _real(state, queries)
            parts += [state, ops.sum(self.user_vector(state) * items, axis=-1, keepdims=True)]
        if self.settings.use_attention:
            gate = gate[..., None]
            context = gate * ops.einsum("bqs,bsv->bqv", weights, encoded["values"])
            context, gate = _real(context, queries), _real(gate, queries)
            rated = context[..., -items.shape[-1] :]
            parts += [context, gate, ops.sum(rated * items, axis=-1, keepdims=True)]
        history = self._drop(ops.concatenate(parts, axis=-1), self.settings.input_dropout, training)
        features = self._drop(
            self.encode_features(queries["features"]), self.settings.input_dropout, training
        )
        hidden = keras.activations.gelu(self.from_history(history) + self.from_features(features))
        hidden = self._drop(hidden, self.settings.hidden_dropout, training)
        for layer in self.deeper:
            hidden = self._drop(layer(hidden), self.settings.hidden_dropout, training)
        linear = self.skip(self.standardise(queries["features"]))
        return ops.squeeze(self.output_layer(hidden) + linear, axis=-1), weights

    def call(
        self, steps: dict[str, Any], queries: dict[str, Any], catalogue: Catalogue, *, training: bool = False
    ) -> Any:
        """Predicted residuals (n,) of the real queries."""
        encoded = self.encode(steps, catalogue, training=training)
        return self.score(encoded, queries, catalogue, training=training)[0]

    def _drop(self, values: Any, rate: float, training: bool) -> Any:
        return keras.random.dropout(values, rate, seed=self.noise) if training and rate > 0 else values


def build_network(
    settings: Hyperparameters, sizes: Sizes, train_features: NDArray[np.float32] | None = None
) -> AttentionNetwork:
    """A network with its weights; training features (queries, f) fit their encoding and scaling."""
    network = AttentionNetwork(settings, sizes)
    catalogue = {
        "id_rows": np.zeros(1, np.int32),
        "slots": [np.zeros((1, max(sizes.vector, 1)), np.float32)] * sizes.slots,
        "present": np.zeros((1, sizes.slots), np.float32),
    }
    zero, none, first = np.zeros((1, 1), np.float32), np.zeros((1, 1), np.int32), np.zeros(1, np.int32)
    steps = {"movie": none, "residual": zero, "rating": zero, "log_gap": zero, "at": none, "place": first}
    features = np.zeros((1, sizes.features), np.float32)
    network(
        steps, {"movie": none, "visible": none, "at": none, "place": first, "features": features}, catalogue
    )
    if train_features is not None:
        network.encode_features.adapt(train_features)
        network.standardise.adapt(train_features)
    return network


def _real(values: Any, of: dict[str, Any]) -> Any:
    """The values in the real places of steps or queries: (b, length, …) -> (n, …)."""
    return ops.take(ops.reshape(values, (-1, *values.shape[2:])), of["place"], axis=0)


def _spread(values: Any, of: dict[str, Any]) -> Any:
    """The values of real places back in their rows: (n, size) -> (b, length, size), 0 where padding is."""
    rows, length = ops.shape(of["movie"])
    flat = ops.scatter(of["place"][:, None], values, (rows * length, values.shape[-1]))
    return ops.reshape(flat, (rows, length, values.shape[-1]))
