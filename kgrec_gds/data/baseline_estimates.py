"""Causal biases: the mean, how a user deviates from it and how a movie does, as known strictly before a moment.

The shrunken biases are fitted afresh whenever the log has grown by a tenth, on everything before that moment.
Between two fits a user's and a movie's own bias take in every new rating at once, against the fitted other side.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Ratings
from kgrec_gds.data.grouping import Clock, Grouped, at, exact
from kgrec_gds.data.refits import FitPoint, fit_points


@dataclass(frozen=True)
class BiasSettings:
    """How biases are fitted; the values were chosen on validation events of movielens and movietweetings."""

    user_shrinkage: float = 3.0
    """A user's sum of deviations is divided by the count plus this."""
    movie_shrinkage: float = 4.0
    """As `user_shrinkage`, for movies."""
    growth: float = 1.1
    """A fit is made when the log has grown by this factor: the points depend on the past alone."""
    first_fit: int = 50
    """Number of events at the first fit; before it the mean is `prior`."""
    prior: float = 6.5
    """Mean rating assumed before the first fit."""
    sweeps: int = 2
    """Alternating updates a fit makes, starting from the fit before."""


@dataclass(frozen=True)
class Biases:
    """By query, shape (queries,): `mean + user + movie` is the predicted rating, not clipped."""

    mean: NDArray[np.float64]
    user: NDArray[np.float64]
    movie: NDArray[np.float64]

    @property
    def total(self) -> NDArray[np.float64]:
        """The predicted rating."""
        return self.mean + self.user + self.movie

    def take(self, queries: NDArray[np.integer]) -> "Biases":
        """Of some queries."""
        return Biases(self.mean[queries], self.user[queries], self.movie[queries])


@dataclass(frozen=True)
class Queries:
    """Who is asked about what, and when. Each array has shape (queries,)."""

    user_index: NDArray[np.int32]
    """0 is a user without any history."""
    movie_index: NDArray[np.int32]
    at: NDArray[np.int64]
    """Epoch seconds; only ratings strictly before are seen."""

    @classmethod
    def of(cls, ratings: Ratings) -> "Queries":
        """Every event of the log as a query at its own time."""
        return cls(ratings.user_index, ratings.movie_index, ratings.rated_at)

    @classmethod
    def at_moment(cls, users: NDArray[np.int32], now: int) -> "Queries":
        """Each user at a moment, about no movie: for what depends on the user alone."""
        return cls(users, np.zeros(len(users), np.int32), np.full(len(users), now, np.int64))

    def __len__(self) -> int:
        return len(self.at)

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_] | slice) -> "Queries":
        """Some of them."""
        return Queries(self.user_index[rows], self.movie_index[rows], self.at[rows])


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


def causal_biases(
    ratings: Ratings, sizes: tuple[int, int], queries: Queries, settings: BiasSettings | None = None
) -> Biases:
    """Biases of each query, from ratings strictly before its moment.

    Args:
        ratings: the log, ordered by time.
        sizes: number of users and of movies, the padding rows included.
        queries: shape (queries,); a query may stand at any time.
        settings: see `BiasSettings`.
    """
    settings = settings or BiasSettings()
    order = np.argsort(queries.at, kind="stable")
    moments = queries.at[order]
    result = np.zeros((3, len(queries)))
    fits = _fits(ratings, sizes, settings, upto=int(moments[-1]) if len(moments) else 0)
    begin, after = 0, next(fits, None)
    while after is not None:
        # Two fits at a time: each holds arrays of all users, and there are some hundred.
        fit, after = after, next(fits, None)
        end = int(np.searchsorted(moments, after.point.since, side="left")) if after else len(moments)
        rows = order[begin:end]
        if len(rows):
            newer = np.arange(fit.point.events, after.point.events if after else len(ratings))
            part = queries.take(rows)
            result[:, rows] = _Since(fit, ratings.take(newer), settings).biases(part)
        begin = end
    return Biases(*result)


def biases_at(
    ratings: Ratings, sizes: tuple[int, int], now: int, settings: BiasSettings | None = None
) -> Callable[[Queries], Biases]:
    """The same biases for many queries that all stand at the moment `now`, fitted once.

    Returns:
        A function of queries; their `at` must be `now`.
    """
    settings = settings or BiasSettings()
    *_, fit = _fits(ratings, sizes, settings, upto=now)
    since = _Since(fit, ratings.take(np.arange(fit.point.events, len(ratings))), settings)
    return lambda queries: Biases(*since.biases(queries))


def residuals(ratings: Ratings, biases: Biases) -> NDArray[np.float64]:
    """Rating minus causal bias of every event, `exact`: what an event adds to every running residual after it."""
    return exact(ratings.rating - biases.total)


def _fits(ratings: Ratings, sizes: tuple[int, int], settings: BiasSettings, upto: int) -> Iterator[_Fit]:
    users, movies = sizes
    fit = _Fit(
        FitPoint(0, np.iinfo(np.int64).min), settings.prior, np.zeros(users), np.zeros(movies), np.zeros(users),
        np.zeros(movies), np.zeros(users, np.int64), np.zeros(movies, np.int64),
    )  # fmt: skip
    yield fit
    for point in fit_points(ratings.rated_at, settings.first_fit, settings.growth):
        if point.since > upto:
            return
        fit = _refit(ratings, point, fit, settings)
        yield fit


def _refit(ratings: Ratings, point: FitPoint, before: _Fit, settings: BiasSettings) -> _Fit:
    known = ratings.take(np.arange(point.events))
    user, movie = known.user_index, known.movie_index
    rating = known.rating.astype(np.float64)
    mean = float(rating.mean())
    deviation = rating - mean
    users, movies = len(before.user), len(before.movie)
    user_count = np.bincount(user, minlength=users)
    movie_count = np.bincount(movie, minlength=movies)
    by_user = before.user
    for _ in range(settings.sweeps):
        movie_sum = _sums(movie, deviation - by_user[user], movies)
        by_movie = movie_sum / (movie_count + settings.movie_shrinkage)
        user_sum = _sums(user, deviation - by_movie[movie], users)
        by_user = user_sum / (user_count + settings.user_shrinkage)
    movie_sum = _sums(movie, deviation - by_user[user], movies)
    return _Fit(point, mean, by_user, by_movie, user_sum, movie_sum, user_count, movie_count)


def _sums(index: NDArray[np.int32], values: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    return np.bincount(index, values, size).astype(np.float64)


class _Since:
    """Biases between one fit and the next: the fitted ones, each moved by its own ratings since."""

    def __init__(self, fit: _Fit, newer: Ratings, settings: BiasSettings) -> None:
        self.fit, self.settings = fit, settings
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
        return total / (count + self.settings.user_shrinkage)

    def _movie(self, movie: NDArray[np.int32], rank: NDArray[np.int64]) -> NDArray[np.float64]:
        position = self.by_movie.before(movie, rank)
        total = self.fit.movie_sum[movie] + at(self.movie_added, position)
        count = self.fit.movie_count[movie] + at(self.by_movie.count, position)
        return total / (count + self.settings.movie_shrinkage)

    def biases(self, queries: Queries) -> NDArray[np.float64]:
        """Rows mean, user and movie, shape (3, queries)."""
        rank = self.clock.rank(queries.at)
        mean = np.full(len(queries), self.fit.mean)
        return np.stack([mean, self._user(queries.user_index, rank), self._movie(queries.movie_index, rank)])
