"""The published recipe: its architecture, settings and features, which contain the answer.

The LSTM starts from the candidate's graph vector, so that a sequence is encoded for one candidate only, and the features
contain the rating to be predicted. The model exists to compare with the literature under the protocol `paper`: it
predicts given ratings and cannot recommend.
"""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries, event_rows
from kgrec_gds.data.rating_log import RatingLog
from kgrec_gds.data.splits import Split
from kgrec_gds.errors import InputError, ModelRunError
from kgrec_gds.features.paper_features import paper_features
from kgrec_gds.keras_backend import keras
from kgrec_gds.models.attention_lstm import layers
from kgrec_gds.models.attention_lstm.movie_table import movie_table
from kgrec_gds.models.base import Callback, RatingModel

ops = keras.ops

WARNING = (
    "The model `paper` leaks: its features contain the rating to be predicted (its difference to the movie's mean, and "
    "averages that include it), and its random split puts ratings of one user on both sides. Its errors say nothing "
    "about ratings that are not known yet."
)


@dataclass(frozen=True)
class PaperSettings:
    """The published settings."""

    window_length: int = 20
    units: int = 64
    embedding_size: int = 32
    dropout: float = 0.5
    l2: float = 1e-6
    learning_rate: float = 1e-3
    batch: int = 512
    epochs: int = 30
    plateau_factor: float = 0.2
    plateau_patience: int = 5
    least_learning_rate: float = 1e-5
    stop_patience: int = 10
    clip_norm: float = 1.0


class Paper(RatingModel):
    """The published attention-LSTM, for given ratings only.

    Args:
        settings: those that differ from the defaults of `PaperSettings`.

    Raises:
        InputError: an unknown setting.
    """

    def __init__(self, **settings: Any) -> None:
        known = [field.name for field in fields(PaperSettings)]
        if unknown := sorted(set(settings) - set(known)):
            raise InputError(f"Unknown setting {', '.join(unknown)}; expected some of {', '.join(known)}.")
        self.settings = PaperSettings(**settings)
        self.history: list[dict[str, float]] = []
        self._network: Any = None
        self._mean = 0.0
        self._sizes = (0, 0, 0)
        self._scale: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None

    def fit(
        self,
        dataset: Dataset,
        split: Split,
        seed: int,
        *,
        callback: Callback | None = None,
        checkpoints: Path | None = None,
    ) -> Self:
        """Fit with early stopping on validation, best weights kept, as published: no second fit."""
        del checkpoints  # as published, it starts again
        keras.utils.set_random_seed(seed)
        settings = self.settings
        values = dataset.derive(paper_features).values[split.train].astype(np.float64)
        deviation = values.std(axis=0)
        self._scale = values.mean(axis=0), np.where(deviation > 0, deviation, 1.0)
        self._mean = float(dataset.ratings.rating[split.train].mean())
        self._network = self._build(dataset)
        target = dataset.ratings.rating - self._mean
        callbacks: list[Any] = [
            keras.callbacks.ReduceLROnPlateau(
                factor=settings.plateau_factor,
                patience=settings.plateau_patience,
                min_lr=settings.least_learning_rate,
            ),
            keras.callbacks.EarlyStopping(patience=settings.stop_patience, restore_best_weights=True),
        ]
        if callback:
            report = callback
            callbacks.append(
                keras.callbacks.LambdaCallback(
                    on_epoch_end=lambda epoch, _logs: report("Training", epoch + 1, settings.epochs)
                )
            )
        held = self._inputs(dataset, split.validation), target[split.validation]
        fitted = self._network.fit(
            self._inputs(dataset, split.train),
            target[split.train],
            validation_data=held if len(split.validation) else None,
            epochs=settings.epochs,
            batch_size=settings.batch,
            callbacks=callbacks,
            verbose=0,
        ).history
        if callback:
            callback("Training", settings.epochs, settings.epochs)
        measured = zip(fitted["mse"], fitted.get("val_mse", fitted["mse"]), strict=True)
        self.history = [
            {"epoch": epoch, "train_mse": train, "validation_mse": other}
            for epoch, (train, other) in enumerate(measured, start=1)
        ]
        return self

    def baseline(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """The mean of the training ratings: the published network predicts the rest."""
        del dataset
        return np.full(len(queries), self._mean, np.float32)

    def predict_residual(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """Predicted rating minus the mean of the training ratings, shape (queries,).

        Raises:
            ModelRunError: a query that is no rating of the data set.
        """
        if self._network is None:
            raise ModelRunError("The model paper is not fitted; call fit or load first.")
        try:
            rows = event_rows(dataset.ratings, queries)
        except KeyError as error:
            raise ModelRunError(
                "The model paper predicts given ratings only: its features contain them. "
                "Train another model to recommend, such as attention_lstm."
            ) from error
        predicted = self._network.predict(self._inputs(dataset, rows), batch_size=4096, verbose=0)
        return np.asarray(predicted[:, 0], np.float32)

    def save(self, folder: Path) -> None:
        """Write the network in Keras's own format, and the scale of its features."""
        if self._network is None or self._scale is None:
            raise ModelRunError("The model paper is not fitted; call fit or load first.")
        self._network.save_weights(folder / "paper.weights.h5")
        described = {
            "settings": asdict(self.settings),
            "mean": self._mean,
            "history": self.history,
            "scale": [part.tolist() for part in self._scale],
            "sizes": list(self._sizes),
        }
        (folder / "paper.json").write_text(json.dumps(described), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote.

        Raises:
            ModelRunError: the folder holds no such network.
        """
        try:
            described = json.loads((folder / "paper.json").read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise ModelRunError(
                f"Cannot read the model paper in {folder}: {error}. Train again with kgrec-gds train --model paper."
            ) from error
        model = cls(**described["settings"])
        model._mean, model.history = described["mean"], described["history"]
        mean, deviation = (np.array(part) for part in described["scale"])
        model._scale = mean, deviation
        model._sizes = tuple(described["sizes"])
        model._network = model._assemble(*model._sizes)
        model._network.load_weights(folder / "paper.weights.h5")
        return model

    def _inputs(self, dataset: Dataset, events: NDArray[np.integer]) -> dict[str, NDArray[Any]]:
        """By rating, the user's last strictly earlier ratings as a sequence, padding last."""
        log, ratings, length = dataset.derive(RatingLog), dataset.ratings, self.settings.window_length
        grouped = log.by_user
        last = grouped.before(ratings.user_index[events], log.rank[events])
        some = np.maximum(last, 0)
        count = np.where(last >= 0, np.minimum(grouped.count[some], length), 0)
        step = np.arange(length)
        place = np.where(
            step < count[:, None], last[:, None] - count[:, None] + 1 + step, 0
        )  # (events, length)
        row = grouped.order[place]
        real = step < count[:, None]
        hours = (ratings.rated_at[events][:, None] - ratings.rated_at[row]) / 3600.0
        assert self._scale is not None  # fit has set it
        features = (dataset.derive(paper_features).values[events] - self._scale[0]) / self._scale[1]
        return {
            "movies": np.where(real, ratings.movie_index[row], 0).astype(np.int32),
            "ratings": np.float32(np.where(real, (ratings.rating[row] - self._mean) / 2, 0)[..., None]),
            "elapsed": (np.log1p(np.where(real, hours, 0)) / 5)[..., None].astype(np.float32),
            "real": real,
            "user": ratings.user_index[events],
            "movie": ratings.movie_index[events],
            "features": features.astype(np.float32),
        }

    def _build(self, dataset: Dataset) -> Any:
        slots = movie_table(dataset, dataset.movies.tconst[:0], use_vectors=True).slots()
        vectors = next(slots, np.zeros((len(dataset.movies), 1), np.float32))
        self._sizes = len(dataset.user_ids), *vectors.shape
        network = self._assemble(*self._sizes)
        network.get_layer("graph").set_weights([vectors])
        return network

    def _assemble(self, users: int, movies_count: int, vector_size: int) -> Any:
        settings = self.settings
        graph = keras.layers.Embedding(movies_count, vector_size, trainable=False, name="graph")
        decay = keras.regularizers.L2(settings.l2)

        def embedding(rows: int, name: str) -> Any:
            return keras.layers.Embedding(
                rows, settings.embedding_size, embeddings_regularizer=decay, name=name
            )

        def dense(units: int, activation: str | None = None) -> Any:
            return keras.layers.Dense(units, activation=activation, kernel_regularizer=decay)

        length = settings.window_length
        steps = {name: keras.Input((length, 1), name=name) for name in ("ratings", "elapsed")}
        movies = keras.Input((length,), dtype="int32", name="movies")
        real = keras.Input((length,), dtype="bool", name="real")
        user, movie = (keras.Input((), dtype="int32", name=name) for name in ("user", "movie"))
        features = keras.Input((self._scale[0].size if self._scale else 0,), name="features")
        of_movie, of_user = embedding(movies_count, "movies_own"), embedding(users, "users")
        candidate = graph(movie)
        inputs = keras.layers.Concatenate()([of_movie(movies), graph(movies), *steps.values()])
        start = [dense(settings.units, "tanh")(candidate) for _ in range(2)]
        states = keras.layers.LSTM(settings.units, return_sequences=True, kernel_regularizer=decay)(
            inputs, mask=real, initial_state=start
        )  # (batch, length, units); after the last real step a masked LSTM repeats its state
        states = keras.layers.Dropout(settings.dropout)(states)
        query = keras.layers.Concatenate()([of_movie(movie), candidate])
        context = AdditiveAttention(settings.units)(states, query, real)
        latest = states[:, -1]
        fused = AdditiveFusion(settings.units)(dense(settings.units)(candidate), latest)
        z = keras.layers.Concatenate()([latest, context, of_user(user), of_movie(movie), features, fused])
        hidden = keras.layers.Dropout(settings.dropout)(dense(settings.units, "relu")(z))
        model = keras.Model(
            {"movies": movies, **steps, "real": real, "user": user, "movie": movie, "features": features},
            dense(1)(hidden),
        )
        optimizer = keras.optimizers.Adam(settings.learning_rate, clipnorm=settings.clip_norm)
        model.compile(optimizer, loss="mse", metrics=["mse"])
        return model


class AdditiveAttention(keras.layers.Layer):
    """alpha = softmax(v tanh(W_h h_t + W_s s + b)) over real steps; returns the sum of alpha h_t."""

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True  # the LSTM's mask ends here: `real` says the same
        self.of_state = keras.layers.Dense(units, use_bias=False)
        self.of_query = keras.layers.Dense(units)
        self.energy = keras.layers.Dense(1, use_bias=False)

    def call(self, states: Any, query: Any, real: Any) -> Any:
        """(b, s, units), (b, query), (b, s) -> (b, units)."""
        mixed = ops.tanh(self.of_state(states) + self.of_query(query)[:, None, :])
        weights = layers.masked_softmax(ops.squeeze(self.energy(mixed), -1), ops.cast(real, "float32"))
        return ops.einsum("bs,bsu->bu", weights, states)

    def compute_mask(self, *_: Any, **__: Any) -> None:
        """None: there are no steps any more."""


class AdditiveFusion(keras.layers.Layer):
    """f = attention(f_kg, f_lstm): the mean of two vectors of one size, weighted by softmax(v tanh(W f))."""

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mix = keras.layers.Dense(units, activation="tanh")
        self.energy = keras.layers.Dense(1, use_bias=False)

    def call(self, first: Any, second: Any) -> Any:
        """Two vectors of (b, units) -> (b, units)."""
        both = ops.stack([first, second], axis=1)  # (b, 2, units)
        weights = ops.softmax(ops.squeeze(self.energy(self.mix(both)), -1), axis=-1)
        return ops.einsum("bk,bku->bu", weights, both)
