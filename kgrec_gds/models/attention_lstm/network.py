"""The attention-LSTM, preset `default`: one pass over a history serves every step and every candidate.

Shapes: b rows (a piece of one user's history each), s steps, q queries (candidates, or in training the events
themselves), k knowledge-graph slots, v size of a knowledge-graph vector.

A query says how many steps of its row are strictly earlier than it (`visible`). It reads the recurrent state after
the last of them and attends to them only, so it sees neither the future nor a tie, and the recurrent state never
depends on a candidate.

Rows are padded to one length; where most histories are short, more than half is padding. `place` says which queries and
which steps are real: what is done with each by itself is then done with these n only, in one long row.
"""

from dataclasses import dataclass
from typing import Any

from kgrec_gds.models.attention_lstm import layers
from kgrec_gds.models.attention_lstm.hyperparameters import Settings
from kgrec_gds.models.keras_backend import keras

ops = keras.ops


#: The movies as constant tensors by movie_index, row 0 padding: `id_rows` (movies,), `slots` (movies, k, v) and
#: `present` (movies, k); see `inputs.MovieTable`. With `items` (movies, item_size) these are taken as they are.
Catalogue = dict[str, Any]


@dataclass(frozen=True)
class Sizes:
    """What of the data decides the shapes of weights."""

    known_movies: int
    """Movies with an embedding of their own."""
    features: int
    """Tabular features of a query."""
    vector: int
    """Size of the knowledge-graph vectors, 0 without."""
    slots: int
    """Knowledge-graph vectors of a movie: its own, its directors', its lead actors', its genres'."""


class AttentionNetwork(keras.Model):
    """Predicts rating minus causal bias. `committee.build_committee` makes it with its weights."""

    def __init__(self, settings: Settings, sizes: Sizes, *, name: str = "attention_lstm") -> None:
        super().__init__(name=name)
        self.settings, self.sizes = settings, sizes
        self.noise = keras.random.SeedGenerator(0)
        self.ids = keras.layers.Embedding(sizes.known_movies + 1, settings.id_size, name="ids")
        self.with_vectors = settings.use_vectors and sizes.vector > 0
        item_size = settings.id_size
        if self.with_vectors:
            item_size += settings.vector_size
            self.fusion = layers.SlotFusion(sizes.slots, sizes.vector, settings.vector_size, name="fusion")
        if settings.use_lstm:
            units = settings.lstm_units
            self.step = keras.layers.Dense(units, activation="gelu", name="step")
            self.first_state = self.add_weight(shape=(1, 1, units), initializer="zeros", name="first_state")
            self.lstm = layers.FusedLstm(units, name="lstm")
            self.state_value = keras.layers.Dense(settings.key_size, use_bias=False, name="state_value")
            self.taste = keras.layers.Dense(item_size, use_bias=False, name="taste")
        self.attention = layers.HistoryAttention(
            item_size, settings.key_size, settings.attention_steps, settings.attention, name="attention"
        )
        # The first layer in two: no gradient need flow towards the features, which takes most of its time.
        first, *deeper = settings.hidden
        self.from_features = keras.layers.Dense(first, use_bias=False, name="from_features")
        self.from_history = keras.layers.Dense(first, name="from_history")
        self.deeper = [keras.layers.Dense(n, activation="gelu", name=f"head_{n}") for n in deeper]
        self.output_layer = keras.layers.Dense(1, kernel_initializer="zeros", name="output")
        self.skip = keras.layers.Dense(1, kernel_initializer="zeros", use_bias=False, name="skip")

    def build(self, *_: Any, **__: Any) -> None:
        """Leave it to the first call, as in `Committee`."""

    def items(self, movies: Any, catalogue: Catalogue, *, training: bool = False) -> Any:
        """Representation of movies by index, any shape (…) -> (…, item_size).

        In training a share of them is shown without the embedding of its own, as a new movie would be.
        """
        if "items" in catalogue and not training:
            return ops.take(catalogue["items"], movies, axis=0)
        rows = ops.take(catalogue["id_rows"], movies)
        if training and self.settings.id_dropout > 0:
            kept = keras.random.uniform(ops.shape(rows), seed=self.noise) >= self.settings.id_dropout
            rows = rows * ops.cast(kept, rows.dtype)
        own = self.ids(rows)
        if not self.with_vectors:
            return own
        vectors = ops.take(catalogue["slots"], movies, axis=0)  # (…, k, v)
        fused = self.fusion(vectors, ops.take(catalogue["present"], movies, axis=0))
        return ops.concatenate([own, fused], axis=-1)

    def encode(
        self, steps: dict[str, Any], catalogue: Catalogue, *, training: bool = False
    ) -> dict[str, Any]:
        """One pass over histories.

        Args:
            steps: `movie` (b, s) indices, `residual` and `rating` and `log_gap` (b, s) floats, `at` (b, s) seconds;
                `place` (n,) where given.
            catalogue: the movies' vectors.
            training: with dropout.

        Returns:
            `states` (b, s + 1, units), position p being the state after p steps, with the LSTM; `keys` and `values` of
            attention.
        """
        items = self.items(real(steps["movie"], steps), catalogue, training=training)
        items = spread(items, steps)  # (b, s, item)
        residual = steps["residual"][..., None]
        rated, encoded, told = items * residual, {}, []
        if self.settings.use_lstm:
            inputs = [items, rated, residual, steps["rating"][..., None], steps["log_gap"][..., None]]
            inputs = self._drop(ops.concatenate(inputs, axis=-1), self.settings.step_dropout, training)
            after = self.lstm(self.step(inputs))  # (b, s, units)
            first = ops.broadcast_to(self.first_state, (ops.shape(after)[0], 1, self.settings.lstm_units))
            encoded["states"], told = ops.concatenate([first, after], axis=1), [self.state_value(after)]
        return encoded | {
            "keys": self.attention.keys(items),
            "values": ops.concatenate([residual, *told, rated], axis=-1),
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
            queries: `movie` and `visible` (b, q), `at` (b, q) seconds, `encoded` (b, q, f * bins) and `scaled`
                (b, q, f) features, or in their place as `known` (b, q, units + 1) what they say to the head's first
                layer and to the output. With `place` (n,) the features are (n, …).
            catalogue: the movies' vectors.
            training: with dropout.

        Returns:
            predicted residual (b, q), with `place` (n,), and attention weights (b, q, s) that sum to 1 where a step is
            visible.
        """
        items = self.items(real(queries["movie"], queries), catalogue, training=training)
        visible = queries["visible"]
        seconds = ops.cast(queries["at"][..., None] - encoded["at"][:, None, :], "float32")  # (b, q, s)
        weights, gate = self.attention(
            spread(self.attention.keys(items), queries),
            encoded["keys"],
            visible,
            ops.maximum(seconds, 0.0) / 3600.0,
        )
        parts = [items]
        if self.settings.use_lstm:
            state = ops.take_along_axis(encoded["states"], visible[..., None], axis=1)  # (b, q, units)
            state = real(state, queries)
            parts += [state, ops.sum(self.taste(state) * items, axis=-1, keepdims=True)]
        if self.settings.use_attention:
            gate = gate[..., None]
            context = gate * ops.einsum("bqs,bsv->bqv", weights, encoded["values"])
            context, gate = real(context, queries), real(gate, queries)
            rated = context[..., -items.shape[-1] :]
            parts += [context, gate, ops.sum(rated * items, axis=-1, keepdims=True)]
        said, linear = self._features_say(queries, training=training)
        history = self._drop(ops.concatenate(parts, axis=-1), self.settings.input_dropout, training)
        hidden = keras.activations.gelu(self.from_history(history) + said)
        hidden = self._drop(hidden, self.settings.hidden_dropout, training)
        for layer in self.deeper:
            hidden = self._drop(layer(hidden), self.settings.hidden_dropout, training)
        return ops.squeeze(self.output_layer(hidden) + linear, axis=-1), weights

    def _features_say(self, queries: dict[str, Any], *, training: bool) -> tuple[Any, Any]:
        """To the head's first layer (…, units), and to the output (…, 1)."""
        if "known" in queries:
            return queries["known"][..., :-1], queries["known"][..., -1:]
        encoded = self._drop(queries["encoded"], self.settings.input_dropout, training)
        return self.from_features(encoded), self.skip(queries["scaled"])

    def call(
        self, steps: dict[str, Any], queries: dict[str, Any], catalogue: Catalogue, *, training: bool = False
    ) -> Any:
        """Predicted residuals (b, q), or (n,), of queries whose histories are `steps`."""
        encoded = self.encode(steps, catalogue, training=training)
        return self.score(encoded, queries, catalogue, training=training)[0]

    def _drop(self, values: Any, rate: float, training: bool) -> Any:
        return keras.random.dropout(values, rate, seed=self.noise) if training and rate > 0 else values


def real(values: Any, of: dict[str, Any]) -> Any:
    """The values in the real places of steps or queries: (b, length, …) -> (n, …); all as they are without `place`."""
    if "place" not in of:
        return values
    return ops.take(ops.reshape(values, (-1, *values.shape[2:])), of["place"], axis=0)


def spread(values: Any, of: dict[str, Any]) -> Any:
    """Put the values of real places back: (n, size) -> (b, length, size), 0 where padding is."""
    if "place" not in of:
        return values
    rows, length = ops.shape(of["movie"])
    flat = ops.scatter(of["place"][:, None], values, (rows * length, values.shape[-1]))
    return ops.reshape(flat, (rows, length, values.shape[-1]))
