"""Ridge regression of a user's residuals on what the rated movies were like, up to date at every time.

A user may prefer old, little-known or highly rated movies beyond what the baseline estimate says. The weights are
(X'X + lambda I)^-1 X'y over the user's earlier ratings (Hoerl and Kennard, 1970), with X a constant and the movies'
covariates.
"""

from functools import cached_property
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.grouping import at, exact
from kgrec_gds.data.rating_log import QueryPositions
from kgrec_gds.features.block import Block, Columns
from kgrec_gds.features.movie_attributes import movie_covariates

RIDGE = 10.0
_SIZE = 4


class RidgeRegression(Block):
    """The residual that the user's weights predict for the movie."""

    def compute(self, known: QueryPositions) -> Columns:
        """The prediction, 0 for a user without ratings."""
        position, row = np.unique(known.user_position, return_inverse=True)
        x = _with_constant(known)
        return {"ridge_prediction": (self._weights(position)[row] * x).sum(axis=1)}

    @cached_property
    def _sums(self) -> dict[tuple[int, int], NDArray[np.float32]]:
        """Running sums by position in `log.by_user` of the products of two columns of X and y."""
        x = np.column_stack([_with_constant(self.log.events), self.log.residual])
        pairs = combinations_with_replacement(range(_SIZE + 1), 2)
        return {(i, j): self.log.by_user.sums(exact(x[:, i] * x[:, j])) for i, j in pairs}

    def _weights(self, position: NDArray[np.int64]) -> NDArray[np.float64]:
        """Weights at each position in `log.by_user`, 0 where it is -1; shape (positions, covariates)."""
        products = np.empty((len(position), _SIZE + 1, _SIZE + 1))
        for (i, j), sums in self._sums.items():
            products[:, i, j] = products[:, j, i] = at(sums, position)
        left, right = products[:, :-1, :-1] + RIDGE * np.eye(_SIZE), products[:, :-1, -1:]
        return np.linalg.solve(left, right)[..., 0].astype(np.float64)


def _with_constant(known: QueryPositions) -> NDArray[np.float64]:
    return np.column_stack([np.ones(len(known)), known.derive(movie_covariates)])
