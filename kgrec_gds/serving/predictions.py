"""Predicted ratings with their rank and attention, as columns."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.models.base import Attention, RatingModel


@dataclass(frozen=True)
class Predictions:
    """One prediction a row; all arrays have that length."""

    user_ids: NDArray[np.object_]
    tconsts: NDArray[np.object_]
    rating: NDArray[np.float32]
    """Predicted rating, 1-10."""
    rank: NDArray[np.int32]
    """1, 2, … among the user's recommendations; 0 for a prediction of a given rating."""
    attention_movies: NDArray[np.object_]
    """tconst, shape (predictions, window), the latest rating last; empty strings where there is no step."""
    attention_weights: NDArray[np.float32]
    """Shape (predictions, window); a row sums to 1, or to 0 without history. The window is 0 without attention."""

    @classmethod
    def of(
        cls,
        dataset: Dataset,
        queries: Queries,
        rating: NDArray[np.float32],
        attention: Attention | None,
        rank: NDArray[np.int32] | None = None,
    ) -> "Predictions":
        """What a model predicted for some queries."""
        count, tconst = len(queries), dataset.movies.tconst
        if attention is None:
            attention = Attention(np.zeros((count, 0), np.int32), np.zeros((count, 0), np.float32))
        return cls(
            user_ids=dataset.user_ids[queries.user_index],
            tconsts=tconst[queries.movie_index],
            rating=rating,
            rank=np.zeros(count, np.int32) if rank is None else rank,
            attention_movies=tconst[attention.movie_index],
            attention_weights=attention.weights,
        )

    @classmethod
    def concatenate(cls, parts: Sequence["Predictions"]) -> "Predictions":
        """The predictions of one model, one part after the other."""
        filled = [part for part in parts if len(part)] or list(parts[:1])
        return cls(*(np.concatenate([getattr(part, name) for part in filled]) for name in vars(parts[0])))

    def take(self, rows: NDArray[np.integer] | slice) -> "Predictions":
        """The chosen rows, in the order given."""
        return Predictions(*(column[rows] for column in vars(self).values()))

    def attention_of(self, row: int) -> tuple[list[str], list[float]]:
        """Movies and weights of one prediction, oldest first."""
        there = self.attention_movies[row] != ""
        return self.attention_movies[row][there].tolist(), self.attention_weights[row][there].tolist()

    def __len__(self) -> int:
        return len(self.tconsts)


def predict_queries(model: RatingModel, dataset: Dataset, queries: Queries) -> Predictions:
    """Predict queries, with the attention of the same forward pass where the model has attention."""
    if not len(queries):
        return Predictions.of(dataset, queries, np.zeros(0, np.float32), None)
    return Predictions.of(dataset, queries, *model.predict_with_attention(dataset, queries))
