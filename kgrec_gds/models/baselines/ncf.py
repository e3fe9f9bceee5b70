"""Neural collaborative filtering: embeddings of user and movie through a small dense network."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.baseline_estimates import Queries
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.models.baselines.keras_baseline import Inputs, NetworkBaseline, known

EMBEDDING_SIZE = 50
LAYERS = (128, 64)


class Ncf(NetworkBaseline):
    """Embeddings of 50, dense layers of 128 and 64; ids without training ratings share the row 0."""

    name = "ncf"
    online_history = False

    def prepare(self, dataset: Dataset, events: NDArray[np.int64]) -> None:
        """Remember which users and movies training knows."""
        chosen = dataset.ratings.take(events)
        self._users = known(chosen.user_index, len(dataset.user_ids))
        self._movies = known(chosen.movie_index, len(dataset.movies))

    def build(self, dataset: Dataset) -> Any:
        """The published architecture."""
        from kgrec_gds.models.keras_backend import keras

        user, movie = (keras.Input((), dtype="int32", name=name) for name in ("user", "movie"))
        embed = keras.layers.Embedding
        x = keras.layers.Concatenate()(
            [
                embed(len(dataset.user_ids), EMBEDDING_SIZE)(user),
                embed(len(dataset.movies), EMBEDDING_SIZE)(movie),
            ]
        )  # (batch, 2 * EMBEDDING_SIZE)
        for units in LAYERS:
            x = keras.layers.Dense(units, activation="relu")(x)
        return keras.Model({"user": user, "movie": movie}, keras.layers.Dense(1)(x))

    def inputs(self, dataset: Dataset, queries: Queries) -> Inputs:
        """Known ids, 0 for the others."""
        del dataset
        return {"user": self._users[queries.user_index], "movie": self._movies[queries.movie_index]}
