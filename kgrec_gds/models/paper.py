"""Preset `paper`: the published architecture, settings and features, on real sequences of events.

The LSTM starts from the candidate's graph vector, so a window is encoded for one candidate only; and the features
hold the rating that is to be predicted. It exists to compare with the literature, on events, and to nothing else:
it cannot answer for a movie that was not rated.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.baseline_estimates import BiasSettings
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.rating_log import RatingLog
from kgrec_gds.data.splits import Split
from kgrec_gds.errors import ModelRunError
from kgrec_gds.features.paper_features import paper_features
from kgrec_gds.models.attention_lstm import layers
from kgrec_gds.models.inputs import movie_table
from kgrec_gds.models.keras_backend import keras
from kgrec_gds.models.training_progress import Watch
from kgrec_gds.schema import MAX_RATING, MIN_RATING

ops = keras.ops


WARNING = (
    "The preset `paper` leaks: its features hold the rating to be predicted (its difference to the movie's mean, and "
    "averages that contain it), and its windows see both sides of a random split. Its errors say nothing about "
    "ratings that are not known yet."
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


class PaperLstm:
    """Fulfils `evaluate.predictors.Predictor`, for events only."""

    name = "attention_lstm"
    online_history = True

    def __init__(
        self,
        settings: PaperSettings | None = None,
        *,
        watch: Watch | None = None,
    ) -> None:
        self.settings = settings or PaperSettings()
        self.watch = watch
        self.history: list[dict[str, float]] = []
        self.model: Any = None
        self._mean = 0.0
        self._scale: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None

    def fit(self, dataset: Dataset, split: Split, seed: int) -> "PaperLstm":
        """Fit with early stopping on validation, best weights kept, as published: no second fit."""
        keras.utils.set_random_seed(seed)
        values = paper_features(dataset).values[split.train].astype(np.float64)
        deviation = values.std(axis=0)
        self._scale = values.mean(axis=0), np.where(deviation > 0, deviation, 1.0)
        self._mean = float(dataset.ratings.rating[split.train].mean())
        self.model = self._build(dataset)
        target = dataset.ratings.rating - self._mean
        settings = self.settings
        callbacks: list[Any] = [
            keras.callbacks.ReduceLROnPlateau(
                factor=settings.plateau_factor,
                patience=settings.plateau_patience,
                min_lr=settings.least_learning_rate,
            ),
            keras.callbacks.EarlyStopping(patience=settings.stop_patience, restore_best_weights=True),
        ]
        if self.watch:
            told = self.watch
            callbacks.append(
                keras.callbacks.LambdaCallback(
                    on_epoch_end=lambda epoch, _logs: told("training", epoch + 1, settings.epochs)
                )
            )
        validation = self._windows(dataset, split.validation), target[split.validation]
        fitted = self.model.fit(
            self._windows(dataset, split.train),
            target[split.train],
            validation_data=validation if len(split.validation) else None,
            epochs=settings.epochs,
            batch_size=settings.batch,
            callbacks=callbacks,
            verbose=0,
        )
        validated = fitted.history.get("val_mse", fitted.history["mse"])
        self.history = [
            {"epoch": epoch, "train_mse": train, "validation_mse": other}
            for epoch, (train, other) in enumerate(
                zip(fitted.history["mse"], validated, strict=True), start=1
            )
        ]
        return self

    @property
    def best_epoch(self) -> int:
        """The epoch whose weights were kept."""
        return min(self.history, key=lambda epoch: epoch["validation_mse"], default={"epoch": 0})["epoch"]  # type: ignore[return-value]  # epochs are whole

    def predict(self, dataset: Dataset, events: NDArray[np.integer]) -> NDArray[np.float32]:
        """Ratings (1-10) of event rows."""
        if self.model is None:
            raise ModelRunError("The model should be fitted before it predicts; call fit first.")
        rest = self.model.predict(self._windows(dataset, events), batch_size=4096, verbose=0)
        return np.clip(self._mean + rest[:, 0], MIN_RATING, MAX_RATING)

    def _windows(self, dataset: Dataset, events: NDArray[np.integer]) -> dict[str, NDArray[Any]]:
        """One window an event: its user's last strictly earlier ratings, padding last."""
        log, ratings, length = (
            RatingLog(dataset, BiasSettings()),
            dataset.ratings,
            self.settings.window_length,
        )
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
        features = (paper_features(dataset).values[events] - self._scale[0]) / self._scale[1]
        return {
            "movies": np.where(real, ratings.movie_index[row], 0).astype(np.int32),
            "ratings": np.where(real, (ratings.rating[row] - self._mean) / 2, 0)[..., None].astype(
                np.float32
            ),
            "elapsed": (np.log1p(np.where(real, hours, 0)) / 5)[..., None].astype(np.float32),
            "real": real,
            "user": ratings.user_index[events],
            "movie": ratings.movie_index[events],
            "features": features.astype(np.float32),
        }

    def _build(self, dataset: Dataset) -> Any:
        settings = self.settings
        table = movie_table(dataset, dataset.movies.tconst[:0], use_vectors=True)
        graph = keras.layers.Embedding(
            len(dataset.movies), table.slots.shape[-1], trainable=False, name="graph"
        )
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
        of_movie, of_user = (
            embedding(len(dataset.movies), "movies_own"),
            embedding(len(dataset.user_ids), "users"),
        )
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
        graph.set_weights([table.slots[:, 0]])
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
    """f = attention(f_kg, f_lstm): two vectors of one size, weighed by v tanh(W f)."""

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mix = keras.layers.Dense(units, activation="tanh")
        self.energy = keras.layers.Dense(1, use_bias=False)

    def call(self, first: Any, second: Any) -> Any:
        """Two of (b, units) -> (b, units)."""
        both = ops.stack([first, second], axis=1)  # (b, 2, units)
        weights = ops.softmax(ops.squeeze(self.energy(self.mix(both)), -1), axis=-1)
        return ops.einsum("bk,bku->bu", weights, both)
