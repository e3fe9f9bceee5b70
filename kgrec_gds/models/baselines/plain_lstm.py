"""A plain LSTM over windows of the user's history, without attention, features or graph."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.baseline_estimates import Queries
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.models.baselines.keras_baseline import Inputs, NetworkBaseline, known, said
from kgrec_gds.models.baselines.rating_index import HistoryIndex

UNITS = 32
EMBEDDING_SIZE = 32
WINDOW_LENGTH = 20
_DAY = 86_400


class PlainLstm(NetworkBaseline):
    """Two LSTM layers of 32 over the last 20 ratings, then a dense layer that also sees the candidate."""

    name = "lstm"
    online_history = True

    def prepare(self, dataset: Dataset, events: NDArray[np.int64]) -> None:
        """Remember which movies training knows."""
        self._movies = known(dataset.ratings.movie_index[events], len(dataset.movies))

    def build(self, dataset: Dataset) -> Any:
        """Movie embedding, rating and gap of each step -> LSTM -> LSTM -> dense with the candidate."""
        return self.assemble(dataset)

    def assemble(self, dataset: Dataset, *more: Any) -> Any:
        """The model; `more` are inputs that only its last layer sees."""
        from kgrec_gds.models.keras_backend import keras

        steps = keras.Input((WINDOW_LENGTH,), dtype="int32", name="steps")  # (batch, steps), 0 is padding
        values = keras.Input((WINDOW_LENGTH, 2), name="values")  # rating less mean, log days before
        candidate = keras.Input((), dtype="int32", name="candidate")
        # Row 0 pads; row 1 of the shifted table is a real step with a movie that training does not know.
        embed = keras.layers.Embedding(len(dataset.movies) + 1, EMBEDDING_SIZE)
        mask = keras.ops.not_equal(steps, 0)
        x = keras.layers.Concatenate()([embed(steps), values])  # (batch, steps, EMBEDDING_SIZE + 2)
        x = keras.layers.LSTM(UNITS, return_sequences=True)(x, mask=mask)
        history = keras.layers.LSTM(UNITS)(x, mask=mask)  # (batch, UNITS)
        x = keras.layers.Concatenate()([history, embed(candidate), *more])
        x = keras.layers.Dense(UNITS, activation="relu")(x)
        rating = keras.layers.Dense(1)(x)
        self._read = keras.Model([steps, values], history)
        self._answer = keras.Model([history, candidate, *more], rating)
        inputs = {"steps": steps, "values": values, "candidate": candidate}
        inputs |= {extra.name: extra for extra in more}
        return keras.Model(inputs, rating)

    def learned(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """As of any network; a moment's window is read once, however many movies are asked about at it."""
        moment = np.stack([queries.user_index, queries.at])
        _, first, which = np.unique(moment, axis=1, return_index=True, return_inverse=True)
        windows = self.inputs(dataset, queries.take(first))
        read = said(self._read, [windows["steps"], windows["values"]])
        return said(self._answer, [read[which], self._candidates(queries)])

    def _candidates(self, queries: Queries) -> NDArray[np.int32]:
        return self._movies[queries.movie_index] + 1

    def inputs(self, dataset: Dataset, queries: Queries) -> Inputs:
        """Windows of the ratings strictly before each query, oldest first, padded behind."""
        ratings = dataset.ratings
        index = HistoryIndex(ratings)
        starts, ends = index.slices(queries.user_index, queries.at)
        first = np.maximum(starts, ends - WINDOW_LENGTH)
        place = first[:, None] + np.arange(WINDOW_LENGTH)  # (queries, steps)
        real = place < ends[:, None]
        events = index.order[np.where(real, place, 0)]
        days = (queries.at[:, None] - ratings.rated_at[events]) / _DAY
        values = np.stack([ratings.rating[events] - self.mean, np.log1p(np.maximum(days, 0))], axis=-1)
        return {
            "steps": np.where(real, self._movies[ratings.movie_index[events]] + 1, 0).astype(np.int32),
            "values": np.where(real[..., None], values, 0).astype(np.float32),
            "candidate": self._candidates(queries),
        }
