"""Predicted ratings with their attention, as columns."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Predictions:
    """One row a prediction; all columns have the same length."""

    user_ids: list[str]
    tconsts: list[str]
    rating: NDArray[np.float32]
    """Predicted rating, 1-10; NaN where the prediction was impossible."""
    rank: NDArray[np.int32]
    """1... among the user's recommendations, 0 where the row predicts a rating that was given."""
    attention_movies: list[list[str]]
    """Movies of the window, oldest first; empty where the user had no earlier rating."""
    attention_weights: list[NDArray[np.float32]]
    """Same lengths as `attention_movies`; each sums to 1 unless empty."""
    was_impossible: NDArray[np.bool_]
    """True where nothing could be predicted, see `reasons`."""
    reasons: list[str]
    """Why a prediction was impossible, else an empty string."""

    def __len__(self) -> int:
        return len(self.tconsts)
