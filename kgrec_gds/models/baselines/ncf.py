"""Neural collaborative filtering (He et al., 2017): embeddings of user and movie through dense layers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.keras_backend import keras
from kgrec_gds.models.baselines.keras_baseline import Inputs, KerasBaseline, dense_layers
from kgrec_gds.models.baselines.vocabulary import Vocabulary

EMBEDDING_SIZE = 50
LAYERS = (128, 64)


class Ncf(KerasBaseline):
    """Embeddings of 50 and dense layers of 128 and 64; ids without training ratings share row 0."""

    users: Vocabulary
    movies: Vocabulary

    def prepare(self, dataset: Dataset, events: NDArray[np.int64]) -> None:
        """Collect the users and movies of the training ratings."""
        chosen = dataset.ratings.take(events)
        self.users = Vocabulary.of(dataset.user_ids, chosen.user_index)
        self.movies = Vocabulary.of(dataset.movies.tconst, chosen.movie_index)

    def build(self) -> Any:
        """Embed both ids, concatenate, dense layers."""
        user, movie = (keras.Input((), dtype="int32", name=name) for name in ("user", "movie"))
        embedded = [
            keras.layers.Embedding(len(self.users), EMBEDDING_SIZE)(user),
            keras.layers.Embedding(len(self.movies), EMBEDDING_SIZE)(movie),
        ]
        x = keras.layers.Concatenate()(embedded)  # (batch, 2 * EMBEDDING_SIZE)
        return keras.Model({"user": user, "movie": movie}, dense_layers(x, LAYERS))

    def inputs(self, dataset: Dataset, queries: Queries) -> Inputs:
        """Rows of the embeddings."""
        return {
            "user": self.users.rows(dataset.user_ids, queries.user_index),
            "movie": self.movies.rows(dataset.movies.tconst, queries.movie_index),
        }
