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
from kgrec_gds.data.grouping import Clock, Grouped, RunningTally, Tally, exact
from kgrec_gds.data.query import Queries


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
#: Fits that are kept; the test ratings need two or three.
_MOST_KEPT = 4


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


def baseline_estimates(dataset: Dataset, queries: Queries) -> BaselineEstimates:
    """Baseline estimate of each query, from ratings strictly before its `known_until`."""
    return dataset.derive(BaselineFits).estimates(queries)


@dataclass(frozen=True)
class _Fit:
    mean: float
    user: Tally
    """By user, deviations of the ratings from the mean and the movie's deviation as fitted."""
    movie: Tally
    """By movie, deviations of the ratings from the mean and the user's deviation as fitted."""
    movie_deviation: NDArray[np.float64]
    """From which `user` was fitted."""


class BaselineFits:
    """The fits of a data set; of those used, the latest few are kept for the next queries of the same time.

    Each fit holds arrays of all users, and there are some hundred of them.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.ratings = dataset.ratings
        self.sizes = len(dataset.user_ids), len(dataset.movies)
        self.events, self.known_from = _fit_points(self.ratings.rated_at)
        self._kept: dict[int, _Since] = {}

    def estimates(self, queries: Queries) -> BaselineEstimates:
        """Baseline estimate of each query."""
        number = np.searchsorted(self.known_from, queries.known_until, side="right") - 1
        result = np.zeros((3, len(queries)))
        for wanted, since in self._used(np.unique(number).tolist()):
            rows = slice(None) if (number == wanted).all() else np.flatnonzero(number == wanted)
            result[:, rows] = since.estimates(queries.take(rows))
        return BaselineEstimates(*result)

    def fitted(self, known_until: int) -> tuple[float, NDArray[np.float64]]:
        """The mean, and the movies' deviations by which users are fitted, of the latest fit known at a time."""
        number = int(np.searchsorted(self.known_from, known_until, side="right")) - 1
        ((_, since),) = self._used([number])
        return since.fit.mean, since.fit.movie_deviation

    def _used(self, wanted: list[int]) -> Iterator[tuple[int, "_Since"]]:
        kept = self._kept
        if kept.keys() >= set(wanted):
            return ((number, kept[number]) for number in wanted)
        return self._fit(wanted)

    def _fit(self, wanted: list[int]) -> Iterator[tuple[int, "_Since"]]:
        users, movies = (Tally(np.zeros(size, np.int64), np.zeros(size)) for size in self.sizes)
        fit, kept = _Fit(SETTINGS.prior, users, movies, movies.total), dict[int, _Since]()
        for number in range(max(wanted, default=-1) + 1):
            begin, end = self.events[number], np.append(self.events, len(self.ratings))[number + 1]
            if number:
                fit = _refit(self.ratings.take(slice(begin)), fit)
            if number in wanted:
                if len(kept) == _MOST_KEPT:
                    kept.pop(min(kept))
                kept[number] = _Since(fit, self.ratings.take(slice(begin, end)))
                yield number, kept[number]
        self._kept = kept


def _fit_points(rated_at: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number of events that each fit reads, and the time from which it is known; the first reads none."""
    events, known_from = [0], [np.iinfo(np.int64).min]
    size = SETTINGS.first_fit
    while size <= len(rated_at):
        # Known a second later, so that a fit never reads ratings of the query's own time.
        known_from.append(rated_at[size - 1] + 1)
        events.append(int(np.searchsorted(rated_at, known_from[-1], side="left")))
        size = max(int(events[-1] * SETTINGS.growth), events[-1] + SETTINGS.first_fit)
    return np.array(events), np.array(known_from)


def _refit(ratings: Ratings, before: _Fit) -> _Fit:
    user, movie = ratings.user_index, ratings.movie_index
    mean = ratings.rating.mean(dtype=np.float64)
    deviation = ratings.rating - mean
    users = np.bincount(user, minlength=len(before.user.count))
    movies = np.bincount(movie, minlength=len(before.movie.count))
    of_user = before.user.mean(SETTINGS.user_shrinkage)
    for _ in range(SETTINGS.sweeps):
        by_movie = Tally(movies, np.bincount(movie, deviation - of_user[user], len(movies)))
        of_movie = by_movie.mean(SETTINGS.movie_shrinkage)
        by_user = Tally(users, np.bincount(user, deviation - of_movie[movie], len(users)))
        of_user = by_user.mean(SETTINGS.user_shrinkage)
    by_movie = Tally(movies, np.bincount(movie, deviation - of_user[user], len(movies)))
    return _Fit(float(mean), by_user, by_movie, of_movie)


class _Since:
    """Estimates between one fit and the next: the fitted deviations, each updated with its own ratings since."""

    def __init__(self, fit: _Fit, newer: Ratings) -> None:
        self.fit, self.clock = fit, Clock.of(newer.rated_at)
        rank = self.clock.rank(newer.rated_at)
        deviation = newer.rating - fit.mean
        from_movie = deviation - fit.movie_deviation[newer.movie_index]
        self.by_user = RunningTally(Grouped.by(newer.user_index, rank, self.clock), exact(from_movie))
        from_user = deviation - self._user(newer.user_index, rank)
        self.by_movie = RunningTally(Grouped.by(newer.movie_index, rank, self.clock), exact(from_user))

    def _user(self, user: NDArray[np.int32], rank: NDArray[np.int64]) -> NDArray[np.float64]:
        return (self.fit.user.take(user) + self.by_user.before(user, rank)).mean(SETTINGS.user_shrinkage)

    def _movie(self, movie: NDArray[np.int32], rank: NDArray[np.int64]) -> NDArray[np.float64]:
        return (self.fit.movie.take(movie) + self.by_movie.before(movie, rank)).mean(SETTINGS.movie_shrinkage)

    def estimates(self, queries: Queries) -> NDArray[np.float64]:
        """Rows mean, user and movie, shape (3, queries)."""
        rank = self.clock.rank(queries.known_until)
        mean = np.full(len(queries), self.fit.mean)
        return np.stack([mean, self._user(queries.user_index, rank), self._movie(queries.movie_index, rank)])
