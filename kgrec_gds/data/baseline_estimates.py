"""Baseline estimates mu + b_u + b_i as of any time: the mean and the shrunken deviations of user and movie from it.

The model is fitted again whenever the log has grown by a tenth, each time on everything before that time, by
alternating updates of the user and the movie deviations (Koren, 2010, "Factor in the neighbors", section 2.1). Between
two fits the deviations of a user and of a movie take in every new rating at once, with the other side as fitted.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset, Ratings
from kgrec_gds.data.grouping import Clock, Grouped, at, exact
from kgrec_gds.data.query import Queries
from kgrec_gds.data.refits import FitPoint, fit_points


@dataclass(frozen=True)
class BaselineSettings:
    """How the estimates are fitted; the values were chosen on validation ratings of movielens and movietweetings."""

    user_shrinkage: float = 3.0
    """Added to the count by which a user's sum of deviations is divided."""
    movie_shrinkage: float = 4.0
    """As `user_shrinkage`, for movies."""
    growth: float = 1.1
    """The model is fitted again when the log has grown by this factor."""
    first_fit: int = 50
    """Number of ratings at the first fit; before it the mean is `prior`."""
    prior: float = 6.5
    """Mean rating assumed before the first fit."""
    sweeps: int = 2
    """Alternating updates of a fit, which starts from the fit before."""


SETTINGS = BaselineSettings()


@dataclass(frozen=True)
class BaselineEstimates:
    """The parts of each query's baseline estimate; each array has shape (queries,)."""

    mean: NDArray[np.float64]
    user: NDArray[np.float64]
    """The user's deviation from the mean."""
    movie: NDArray[np.float64]
    """The movie's deviation from mean and user."""

    @property
    def total(self) -> NDArray[np.float64]:
        """The estimated rating, not clipped."""
        return self.mean + self.user + self.movie

    def take(self, rows: NDArray[np.integer] | slice) -> "BaselineEstimates":
        """The chosen rows, in the order given."""
        return BaselineEstimates(self.mean[rows], self.user[rows], self.movie[rows])


def baseline_estimates(dataset: Dataset, queries: Queries) -> BaselineEstimates:
    """Baseline estimate of each query, from ratings strictly before its `known_until`."""
    return dataset.derive(BaselineFits).estimates(queries)


@dataclass(frozen=True)
class _Fit:
    point: FitPoint
    mean: float
    user: NDArray[np.float64]
    movie: NDArray[np.float64]
    user_sum: NDArray[np.float64]
    movie_sum: NDArray[np.float64]
    user_count: NDArray[np.integer]
    movie_count: NDArray[np.integer]


class BaselineFits:
    """The fits of a data set; of those used, the latest is kept for the next queries of the same time.

    Each fit holds arrays of all users, and there are some hundred: no more than two exist at a time.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.ratings = dataset.ratings
        self.sizes = len(dataset.user_ids), len(dataset.movies)
        points = fit_points(self.ratings.rated_at, SETTINGS.first_fit, SETTINGS.growth)
        self.points = [FitPoint(0, np.iinfo(np.int64).min), *points]
        self._known_from = np.array([point.known_from for point in self.points], np.int64)
        events = np.array([point.events for point in self.points[1:]], np.int64)
        means = np.cumsum(self.ratings.rating, dtype=np.float64)[events - 1] / events
        self._means = np.concatenate([[SETTINGS.prior], means])
        self._kept: tuple[int, _Since] | None = None

    def estimates(self, queries: Queries) -> BaselineEstimates:
        """Baseline estimate of each query."""
        number = (
            np.searchsorted([point.known_from for point in self.points], queries.known_until, side="right")
            - 1
        )
        result = np.zeros((3, len(queries)))
        for wanted, since in self._used(np.unique(number).tolist()):
            rows = slice(None) if (number == wanted).all() else np.flatnonzero(number == wanted)
            result[:, rows] = since.estimates(queries.take(rows))
        return BaselineEstimates(*result)

    def mean(self, known_until: NDArray[np.int64]) -> NDArray[np.float64]:
        """The mean rating of the latest fit at each time."""
        return self._means[self._number(known_until)]

    def _number(self, known_until: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.searchsorted(self._known_from, known_until, side="right") - 1

    def _used(self, wanted: list[int]) -> Iterator[tuple[int, "_Since"]]:
        kept = self._kept
        if kept and wanted == [kept[0]]:
            yield kept
            return
        users, movies = self.sizes
        none = np.zeros(users), np.zeros(movies)
        fit = _Fit(
            self.points[0], float(self._means[0]), *none, *none, *(side.astype(np.int64) for side in none)
        )
        for number in range(max(wanted, default=-1) + 1):
            if number:
                fit = _refit(self.ratings, self.points[number], float(self._means[number]), fit)
            if number in wanted:
                end = self.points[number + 1].events if number + 1 < len(self.points) else len(self.ratings)
                kept = number, _Since(fit, self.ratings.take(np.arange(fit.point.events, end)))
                yield kept
        self._kept = kept


def _refit(ratings: Ratings, point: FitPoint, mean: float, before: _Fit) -> _Fit:
    user, movie = ratings.user_index[: point.events], ratings.movie_index[: point.events]
    deviation = ratings.rating[: point.events] - np.float64(mean)
    users, movies = len(before.user), len(before.movie)
    user_count = np.bincount(user, minlength=users)
    movie_count = np.bincount(movie, minlength=movies)
    of_user = before.user
    for _ in range(SETTINGS.sweeps):
        movie_sum = _sums(movie, deviation - of_user[user], movies)
        of_movie = movie_sum / (movie_count + SETTINGS.movie_shrinkage)
        user_sum = _sums(user, deviation - of_movie[movie], users)
        of_user = user_sum / (user_count + SETTINGS.user_shrinkage)
    movie_sum = _sums(movie, deviation - of_user[user], movies)
    return _Fit(point, mean, of_user, of_movie, user_sum, movie_sum, user_count, movie_count)


def _sums(index: NDArray[np.int32], values: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    return np.bincount(index, values, size).astype(np.float64)


class _Since:
    """Estimates between one fit and the next: the fitted deviations, each updated with its own ratings since."""

    def __init__(self, fit: _Fit, newer: Ratings) -> None:
        self.fit = fit
        self.clock = Clock.of(newer.rated_at)
        rank = self.clock.rank(newer.rated_at)
        deviation = newer.rating - fit.mean
        self.by_user = Grouped.by(newer.user_index, rank, self.clock)
        self.user_added = self.by_user.sums(exact(deviation - fit.movie[newer.movie_index]))
        self.by_movie = Grouped.by(newer.movie_index, rank, self.clock)
        self.movie_added = self.by_movie.sums(exact(deviation - self._user(newer.user_index, rank)))

    def _user(self, user: NDArray[np.int32], rank: NDArray[np.int64]) -> NDArray[np.float64]:
        position = self.by_user.before(user, rank)
        total = self.fit.user_sum[user] + at(self.user_added, position)
        count = self.fit.user_count[user] + at(self.by_user.count, position)
        return total / (count + SETTINGS.user_shrinkage)

    def _movie(self, movie: NDArray[np.int32], rank: NDArray[np.int64]) -> NDArray[np.float64]:
        position = self.by_movie.before(movie, rank)
        total = self.fit.movie_sum[movie] + at(self.movie_added, position)
        count = self.fit.movie_count[movie] + at(self.by_movie.count, position)
        return total / (count + SETTINGS.movie_shrinkage)

    def estimates(self, queries: Queries) -> NDArray[np.float64]:
        """Rows mean, user and movie, shape (3, queries)."""
        rank = self.clock.rank(queries.known_until)
        mean = np.full(len(queries), self.fit.mean)
        return np.stack([mean, self._user(queries.user_index, rank), self._movie(queries.movie_index, rank)])
