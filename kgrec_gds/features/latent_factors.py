"""What a user's taste says of a movie: latent factors of the residuals, always of the past alone.

The movies' factors are fitted afresh as the log grows, on everything before that moment, by alternating least squares
(Koren, Bell and Volinsky, 2009). A user's are solved from their own history whenever they are asked for, so a user who
came after the fit has a taste too.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from kgrec_gds.data.grouping import exact
from kgrec_gds.data.rating_log import QueryPositions, RatingLog
from kgrec_gds.data.refits import fit_points


@dataclass(frozen=True)
class TasteSettings:
    """How the factors are fitted; `docs/features.md` has the figures."""

    size: int = 8
    """Factors of a movie."""
    penalty: float = 8.0
    """Of the squared factors, on both sides."""
    growth: float = 1.25
    """A fit is made when the log has grown by this factor; it starts from the fit before and updates both sides once."""
    first_fit: int = 1_000
    """Number of events at the first fit; before it nothing is known of anyone's taste."""


class Taste:
    """Expected residuals by latent factors.

    Args:
        log: ratings with their causal residuals.
        settings: see `TasteSettings`.
    """

    def __init__(self, log: RatingLog, settings: TasteSettings) -> None:
        self.log, self.settings = log, settings
        self._above = np.triu_indices(settings.size)

    def expected(self, asked: QueryPositions) -> NDArray[np.float64]:
        """What the user's taste adds to the causal bias, shape (queries,); 0 where nothing is known."""
        latest = self.fit_of(asked.queries.known_until)
        latest[asked.user_position < 0] = -1
        result = np.zeros(len(asked))
        for number in np.unique(latest[latest >= 0]).tolist():
            rows = np.flatnonzero(latest == number)
            positions, asker = np.unique(asked.user_position[rows], return_inverse=True)
            tastes = self._tastes(self.factors(number), positions)
            movies = self.factors(number)[asked.queries.movie_index[rows]]
            result[rows] = (tastes[asker] * movies).sum(axis=1)
        return result

    def fit_of(self, seen: NDArray[np.int64]) -> NDArray[np.int64]:
        """Number of the latest fit known at each moment, -1 before the first."""
        return np.searchsorted(self._fits[0], seen, side="right") - 1

    def factors(self, fit: int) -> NDArray[np.float64]:
        """The movies' factors of a fit, shape (movies, size); zeros for -1."""
        return (
            self._fits[1][fit] if fit >= 0 else np.zeros((len(self.log.dataset.movies), self.settings.size))
        )

    @cached_property
    def _fits(self) -> tuple[NDArray[np.int64], list[NDArray[np.float64]]]:
        """Moments from which each fit is known, and its factors of the movies, shape (movies, size)."""
        rated_at = self.log.dataset.ratings.rated_at
        since, fits, factors = [], [], start(self.log.dataset.movies.tconst, self.settings.size)
        for point in fit_points(rated_at, self.settings.first_fit, self.settings.growth):
            factors = self._refit(point.events, factors)
            since.append(point.since)
            fits.append(factors)
        return np.array(since, np.int64), fits

    def _refit(self, events: int, movies: NDArray[np.float64]) -> NDArray[np.float64]:
        known = self.log.dataset.ratings.take(np.arange(events))
        place = (known.user_index, known.movie_index)
        rated = sparse.csr_matrix(
            (np.ones(events), place), (len(self.log.dataset.user_ids), len(self.log.dataset.movies))
        )
        said = sparse.csr_matrix(
            (self.log.residual[:events], place),
            (len(self.log.dataset.user_ids), len(self.log.dataset.movies)),
        )
        users = self._solve(rated @ self._squares(movies), said @ movies)
        return self._solve(rated.T @ self._squares(users), said.T @ users)

    def _tastes(self, factors: NDArray[np.float64], positions: NDArray[np.int64]) -> NDArray[np.float64]:
        """Factors of users after some positions of `log.by_user`, ascending; shape (positions, size)."""
        first = self.log.by_user.first[positions]
        last_asked = np.append(first[1:] != first[:-1], True)  # of each user
        begin, length = first[last_asked], (positions - first + 1)[last_asked]
        # The asked users' histories, one after another.
        before = np.cumsum(length) - length
        steps = np.arange(length.sum()) + np.repeat(begin - before, length)
        events = self.log.by_user.order[steps]
        met = factors[self.log.dataset.ratings.movie_index[events]]
        added = np.hstack([self._squares(met), met * self.log.residual[events, None]])
        running = np.vstack([np.zeros(added.shape[1]), np.cumsum(exact(added), axis=0)])
        user = np.cumsum(last_asked) - last_asked
        place = before[user] + positions - first
        total = running[place + 1] - running[before[user]]
        return self._solve(total[:, : len(self._above[0])], total[:, len(self._above[0]) :])

    def _squares(self, factors: NDArray[np.float64]) -> NDArray[np.float64]:
        """Products of every two factors of a row, each pair once."""
        one, other = self._above
        return factors[:, one] * factors[:, other]

    def _solve(self, squares: NDArray[np.float64], products: NDArray[np.float64]) -> NDArray[np.float64]:
        """Ridge weights by row, from the sums of squares and of products with the residual."""
        one, other = self._above
        rated = np.flatnonzero(squares.any(axis=1))  # the others are at 0, the penalty's own solution
        left = np.empty((len(rated), self.settings.size, self.settings.size))
        left[:, one, other] = left[:, other, one] = squares[rated]
        left += self.settings.penalty * np.eye(self.settings.size)
        weights = np.zeros(products.shape)
        weights[rated] = np.linalg.solve(left, products[rated, :, None])[..., 0]
        return weights


def start(tconst: NDArray[np.object_], size: int) -> NDArray[np.float64]:
    """Factors before the first fit, uniform in ±1/2, shape (movies, size); each movie's depend on its key alone."""
    from pandas.util import hash_array

    keys = hash_array(tconst, categorize=False)[:, None] + np.arange(size, dtype=np.uint64)
    return hash_array(keys.ravel()).reshape(keys.shape) / 2.0**64 - 0.5
