"""Latent factors of the residuals by alternating least squares (Koren, Bell and Volinsky, 2009), as of any time.

The movies' factors are fitted again as the log grows, on everything before that time; a user's are solved from the
user's own ratings so far at every query, so a user who came after the fit has factors too.
"""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.grouping import exact
from kgrec_gds.data.rating_log import QueryPositions, RatingLog
from kgrec_gds.data.refits import fit_points
from kgrec_gds.features.block import Block, Columns

SIZE = 8
"""Factors of a movie."""
PENALTY = 8.0
"""Of the squared factors, on both sides."""
GROWTH = 1.25
"""The factors are fitted again when the log has grown by this factor, from the fit before, by one update of each side."""
FIRST_FIT = 1_000
"""Number of ratings at the first fit; before it all factors are 0."""


class LatentFactorsColumn(Block):
    """The residual that latent factors predict, 0 before the first fit and for a user without ratings."""

    online = False

    def compute(self, known: QueryPositions) -> Columns:
        """The product of the user's and the movie's factors."""
        return {"latent_factors": self.dataset.derive(LatentFactors).predict(known)}


class LatentFactors:
    """The fits of a data set; get them by `dataset.derive(LatentFactors)`."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset, self._log = dataset, dataset.derive(RatingLog)
        self.size = SIZE
        self._upper = np.triu_indices(SIZE)

    def predict(self, known: QueryPositions) -> NDArray[np.float64]:
        """Predicted residual of each query, shape (queries,)."""
        latest = self.fit_number(known.queries.known_until)
        latest[known.user_position < 0] = -1
        result = np.zeros(len(known))
        for number in np.unique(latest[latest >= 0]).tolist():
            rows = np.flatnonzero(latest == number)
            positions, user = np.unique(known.user_position[rows], return_inverse=True)
            users = self._users(self.movies(number), positions)
            movies = self.movies(number)[known.queries.movie_index[rows]]
            result[rows] = (users[user] * movies).sum(axis=1)
        return result

    def fit_number(self, known_until: NDArray[np.int64]) -> NDArray[np.int64]:
        """Number of the latest fit known at each time, -1 before the first."""
        return np.searchsorted(self._fits[0], known_until, side="right") - 1

    def movies(self, fit: int) -> NDArray[np.float64]:
        """The movies' factors of a fit, shape (movies, SIZE); 0 for fit -1."""
        return self._fits[1][fit] if fit >= 0 else np.zeros((len(self._dataset.movies), self.size))

    @cached_property
    def _fits(self) -> tuple[NDArray[np.int64], list[NDArray[np.float64]]]:
        """Times from which each fit is known, and its factors of the movies."""
        known_from, fits, factors = [], [], initial_factors(self._dataset.movies.tconst, self.size)
        for point in fit_points(self._dataset.ratings.rated_at, FIRST_FIT, GROWTH):
            factors = self._refit(point.events, factors)
            known_from.append(point.known_from)
            fits.append(factors)
        return np.array(known_from, np.int64), fits

    def _refit(self, events: int, movies: NDArray[np.float64]) -> NDArray[np.float64]:
        ratings, shape = self._dataset.ratings, (len(self._dataset.user_ids), len(movies))
        place = (ratings.user_index[:events], ratings.movie_index[:events])
        rated = sparse.csr_matrix((np.ones(events), place), shape)
        residual = sparse.csr_matrix((self._log.residual[:events], place), shape)
        users = self._solve(rated @ self._squares(movies), residual @ movies)
        return self._solve(rated.T @ self._squares(users), residual.T @ users)

    def _users(self, movies: NDArray[np.float64], positions: NDArray[np.int64]) -> NDArray[np.float64]:
        """Factors of users after positions of `log.by_user`, which ascend; shape (positions, SIZE)."""
        by_user = self._log.by_user
        first = by_user.first[positions]
        latest = np.append(first[1:] != first[:-1], True)  # of each user's positions
        begin, length = first[latest], (positions - first + 1)[latest]
        # The users' histories, one after another.
        before = np.cumsum(length) - length
        events = by_user.order[np.arange(length.sum()) + np.repeat(begin - before, length)]
        rated = movies[self._dataset.ratings.movie_index[events]]
        added = np.hstack([self._squares(rated), rated * self._log.residual[events, None]])
        running = np.vstack([np.zeros(added.shape[1]), np.cumsum(exact(added), axis=0)])
        user = np.cumsum(latest) - latest
        total = running[before[user] + positions - first + 1] - running[before[user]]
        return self._solve(total[:, : len(self._upper[0])], total[:, len(self._upper[0]) :])

    def _squares(self, factors: NDArray[np.float64]) -> NDArray[np.float64]:
        """Products of every two factors of a row, each pair once."""
        one, other = self._upper
        return factors[:, one] * factors[:, other]

    def _solve(self, squares: NDArray[np.float64], products: NDArray[np.float64]) -> NDArray[np.float64]:
        """Ridge weights by row, from the sums of squares and of products with the residual."""
        one, other = self._upper
        rated = np.flatnonzero(squares.any(axis=1))  # the penalty alone leaves the others at 0
        left = np.empty((len(rated), self.size, self.size))
        left[:, one, other] = left[:, other, one] = squares[rated]
        left += PENALTY * np.eye(self.size)
        weights = np.zeros(products.shape)
        weights[rated] = np.linalg.solve(left, products[rated, :, None])[..., 0]
        return weights


def initial_factors(tconst: NDArray[np.object_], size: int) -> NDArray[np.float64]:
    """Factors before the first fit, uniform in ±1/2, shape (movies, size); each movie's depend on its key alone."""
    from pandas.util import hash_array

    keys = hash_array(tconst, categorize=False)[:, None] + np.arange(size, dtype=np.uint64)
    return hash_array(keys.ravel()).reshape(keys.shape) / 2.0**64 - 0.5
