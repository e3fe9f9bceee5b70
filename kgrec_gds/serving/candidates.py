"""A cheap causal score of every movie for a user: it chooses whom the model looks at, never a rating."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.baseline_estimates import Queries, causal_biases
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.sequences import Histories
from kgrec_gds.models.inputs import Inputs

#: How much the likeness to what the user liked counts beside the movie's own bias.
_TASTE = 1.0
#: Latest ratings of the user that say what they like.
_REACH = 256


@dataclass(frozen=True)
class CandidateScores:
    """The movies' side at one moment, shared by all users."""

    bias: NDArray[np.float32]
    """(movies,) causal movie bias at the moment."""
    unit: NDArray[np.float32] | None
    """(movies, size) graph vectors of length 1; None without vectors."""

    @classmethod
    def at(cls, dataset: Dataset, inputs: Inputs, now: int) -> "CandidateScores":
        """Prepare for a moment."""
        movies = len(dataset.movies)
        asked = Queries(
            np.zeros(movies, np.int32), np.arange(movies, dtype=np.int32), np.full(movies, now, np.int64)
        )
        bias = causal_biases(dataset.ratings, inputs.index.log.sizes, asked).movie.astype(np.float32)
        if dataset.vectors is None:
            return cls(bias, None)
        length = np.linalg.norm(dataset.vectors.movies, axis=1, keepdims=True)
        return cls(bias, (dataset.vectors.movies / np.maximum(length, 1e-12)).astype(np.float32))

    def of(self, histories: Histories, begin: int, end: int) -> NDArray[np.float32]:
        """Score all movies for a user whose history is the positions from `begin` to `end`: shape (movies,)."""
        begin = max(begin, end - _REACH)
        if self.unit is None or begin == end:
            return self.bias
        near = np.maximum(self.unit @ self.unit[histories.movie[begin:end]].T, 0.0) ** 2  # (movies, steps)
        taste = near @ histories.residual[begin:end] / (near.sum(axis=1) + 1.0)
        score: NDArray[np.float32] = self.bias + _TASTE * taste
        return score
