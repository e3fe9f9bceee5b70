"""Ridge regression of a user's residuals on what the rated movies were like, up to date at every time.

A user may prefer old, little-known or highly rated movies beyond what the baseline estimate says. The weights are
(X'X + lambda I)^-1 X'y over the user's earlier ratings (Hoerl and Kennard, 1970), with X the movies' covariates.
"""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.grouping import at, exact
from kgrec_gds.data.rating_log import QueryPositions
from kgrec_gds.features.block import Block, Columns
from kgrec_gds.features.movie_covariates import COVARIATES, MovieCovariates

RIDGE = 10.0
_SIZE = len(COVARIATES)
_PAIRS = tuple(zip(*np.triu_indices(_SIZE), strict=True))


class RidgeRegression(Block):
    """The residual that the user's weights predict for the movie."""

    def compute(self, known: QueryPositions) -> Columns:
        """The prediction, 0 for a user without ratings."""
        position, row = np.unique(known.user_position, return_inverse=True)
        covariates = self.dataset.derive(MovieCovariates).of(known)
        return {"ridge_prediction": (self._weights(position)[row] * covariates).sum(axis=1)}

    @cached_property
    def _sums(self) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]:
        """Running sums by position in `log.by_user`: the upper triangle of X'X, and X'y."""
        x, sums = self.dataset.derive(MovieCovariates).of_events, self.log.by_user.sums
        squares = [sums(exact(x[:, i] * x[:, j])) for i, j in _PAIRS]
        return squares, [sums(exact(x[:, i] * self.log.residual)) for i in range(_SIZE)]

    def _weights(self, position: NDArray[np.int64]) -> NDArray[np.float64]:
        """Weights at each position in `log.by_user`, 0 where it is -1; shape (positions, covariates)."""
        squares, products = self._sums
        left = np.empty((len(position), _SIZE, _SIZE))
        for (i, j), sums in zip(_PAIRS, squares, strict=True):
            left[:, i, j] = left[:, j, i] = at(sums, position)
        left += RIDGE * np.eye(_SIZE)
        right = np.stack([at(sums, position) for sums in products], axis=1)
        return np.linalg.solve(left, right[..., None])[..., 0].astype(np.float64)
