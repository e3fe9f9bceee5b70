"""A plain LSTM over the user's latest ratings, without attention, features or graph."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.data.rating_log import RatingLog
from kgrec_gds.keras_backend import keras
from kgrec_gds.models.baselines.keras_baseline import Inputs, KerasBaseline, run
from kgrec_gds.models.baselines.vocabulary import Vocabulary
from kgrec_gds.models.delays import DAY

UNITS = 32
EMBEDDING_SIZE = 32
WINDOW_LENGTH = 20


class Lstm(KerasBaseline):
    """Two LSTM layers of 32 over the last 20 ratings, then a dense layer that also reads the candidate."""

    reads_history = True
    movies: Vocabulary

    def prepare(self, dataset: Dataset, events: NDArray[np.int64]) -> None:
        """Collect the movies of the training ratings."""
        self.movies = Vocabulary.of(dataset.movies.tconst, dataset.ratings.movie_index[events])

    def build(self) -> Any:
        """Movie embedding, rating and age of each step -> LSTM -> LSTM -> dense layer with the candidate."""
        return self.assemble()

    def assemble(self, *more: Any) -> Any:
        """The network; `more` are Keras inputs that only its last layers read."""
        steps = keras.Input((WINDOW_LENGTH,), dtype="int32", name="steps")  # (batch, steps), 0 is padding
        values = keras.Input((WINDOW_LENGTH, 2), name="values")  # rating less mean, log of days before
        candidate = keras.Input((), dtype="int32", name="candidate")
        # Movies are shifted by one: row 0 pads, row 1 is a movie without training ratings.
        embed = keras.layers.Embedding(len(self.movies) + 1, EMBEDDING_SIZE)
        mask = keras.ops.not_equal(steps, 0)
        x = keras.layers.Concatenate()([embed(steps), values])  # (batch, steps, EMBEDDING_SIZE + 2)
        x = keras.layers.LSTM(UNITS, return_sequences=True)(x, mask=mask)
        state = keras.layers.LSTM(UNITS)(x, mask=mask)  # (batch, UNITS)
        x = keras.layers.Concatenate()([state, embed(candidate), *more])
        x = keras.layers.Dense(UNITS, activation="relu")(x)
        residual = keras.layers.Dense(1)(x)
        self._encoder = keras.Model([steps, values], state)
        self._scorer = keras.Model([state, candidate, *more], residual)
        for part in (self._encoder, self._scorer):
            part.compile(jit_compile=False)
        inputs = {"steps": steps, "values": values, "candidate": candidate}
        return keras.Model(inputs | {extra.name: extra for extra in more}, residual)

    def answer(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """Encode each history once, however many movies are scored with it."""
        distinct = np.stack([queries.user_index, queries.known_until, queries.at])
        _, first, inverse = np.unique(distinct, axis=1, return_index=True, return_inverse=True)
        windows = self.inputs(dataset, queries.take(first))
        states = run(self._encoder, [windows["steps"], windows["values"]])
        return run(self._scorer, [states[inverse.ravel()], self._candidates(dataset, queries)])[:, 0]

    def inputs(self, dataset: Dataset, queries: Queries) -> Inputs:
        """The latest ratings of each history, oldest first, padded at the end."""
        ratings, log = dataset.ratings, dataset.derive(RatingLog)
        start = log.by_user.begin(queries.user_index)
        end = log.by_user.begin(queries.user_index, log.clock.rank(queries.known_until))
        first = np.maximum(start, end - WINDOW_LENGTH)
        position = first[:, None] + np.arange(WINDOW_LENGTH)  # (queries, steps)
        real = position < end[:, None]
        events = log.by_user.order[np.where(real, position, 0)]
        days = (queries.at[:, None] - ratings.rated_at[events]) / DAY
        values = np.stack([ratings.rating[events] - self.mean, np.log1p(np.maximum(days, 0))], axis=-1)
        movie = self.movies.rows(dataset.movies.tconst, ratings.movie_index[events]) + 1
        return {
            "steps": np.where(real, movie, 0).astype(np.int32),
            "values": np.where(real[..., None], values, 0).astype(np.float32),
            "candidate": self._candidates(dataset, queries),
        }

    def _candidates(self, dataset: Dataset, queries: Queries) -> NDArray[np.int32]:
        return self.movies.rows(dataset.movies.tconst, queries.movie_index) + 1
