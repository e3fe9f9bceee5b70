"""Where a user's taste leans: a small ridge regression of the user's own residuals, up to date at every moment.

A user may like old films, little-known ones, or those that others like, more than the sum of the biases says.
"""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.grouping import Grouped, at, exact

#: What residuals are regressed on; the first is the constant.
COVARIATES = ("mean", "year", "popularity", "quality")


def covariates(
    year: NDArray[np.float64], log_count: NDArray[np.float64], movie_bias: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The movie as the regression sees it, about of unit size, shape (queries, covariates).

    Args:
        year: of the movie, shape (queries,).
        log_count: log(1 + number of ratings so far).
        movie_bias: causal bias so far.
    """
    return np.stack([np.ones(len(year)), (year - 1995) / 12, (log_count - 4) / 1.5, movie_bias * 2], axis=1)


class Leaning:
    """Ridge weights of every user before any moment: (XᵀX + λI)⁻¹ Xᵀy over the user's earlier ratings.

    Args:
        by_user: events of each user in time order.
        seen: covariates of every event at its own time, shape (events, covariates).
        residual: of every event, shape (events,).
        ridge: λ.
    """

    def __init__(
        self, by_user: Grouped, seen: NDArray[np.float64], residual: NDArray[np.float64], ridge: float
    ) -> None:
        self.by_user, self.seen, self.residual, self.ridge = by_user, seen, residual, ridge

    @cached_property
    def _states(self) -> tuple[dict[tuple[int, int], NDArray[np.float64]], list[NDArray[np.float64]]]:
        size = len(COVARIATES)
        squares = {
            (i, j): self.by_user.sums(exact(self.seen[:, i] * self.seen[:, j]))
            for i in range(size)
            for j in range(i, size)
        }
        return squares, [self.by_user.sums(exact(self.seen[:, i] * self.residual)) for i in range(size)]

    def weights(self, position: NDArray[np.int64]) -> NDArray[np.float64]:
        """Weights at each position in `by_user`, 0 where it is -1; shape (queries, covariates)."""
        squares, products = self._states
        size = len(COVARIATES)
        left = np.empty((len(position), size, size))
        for (i, j), sums in squares.items():
            left[:, i, j] = left[:, j, i] = at(sums, position)
        left += self.ridge * np.eye(size)
        right = np.stack([at(sums, position) for sums in products], axis=1)
        return np.linalg.solve(left, right[..., None])[..., 0].astype(np.float64)
