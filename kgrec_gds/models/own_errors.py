"""How far a model has been off so far, with each user and with each movie: it moves what is said next.

Features say what the past of all users teaches. What a user rates above or below all that is mostly the same in the
next rating, so the errors of earlier ones, known by then, are part of the history too. So are those with the movie,
by whomever, as far as the model was not fitted to them: they tell how a movie has fared since.

What a user rates at one moment was foretold from the same history, and errs together: it counts as one rating, of the
mean error. Where ratings have dates only, the many of a first day all err as the user was not known yet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.baseline_estimates import Queries
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.grouping import Grouped, at, exact
from kgrec_gds.features.table import FeatureIndex


@dataclass(frozen=True)
class OwnErrorSettings:
    """Chosen on validation events; `docs/model.md` has the figures."""

    keep: float = 0.99
    """What an error counts for after each further rating of the user."""
    shrinkage: float = 75.0
    """Added to the count of a user's errors: who has few is hardly moved."""
    movie_shrinkage: float = 200.0
    """Added to the count of a movie's."""


#: Of so many movies and more, the errors with all are worked out, once.
_MANY = 50

#: The moment of the last fitted event of a user who has none.
_NEVER = np.iinfo(np.int64).min


@dataclass(frozen=True)
class _Running:
    """Mean error after each of some events."""

    grouped: Grouped
    mean: NDArray[np.float64]
    """By position in `grouped`."""

    def before(self, key: NDArray[np.integer], rank: NDArray[np.int64]) -> NDArray[np.float64]:
        """Strictly before the moment, 0 where there is none; by query."""
        return at(self.mean, self.grouped.before(key, rank))


@dataclass(frozen=True)
class KnownErrors:
    """Errors of events of a log: another that goes on like it need not work them out again."""

    dataset: Dataset
    rows: NDArray[np.int64]
    error: NDArray[np.float32]

    def of(self, dataset: Dataset) -> NDArray[np.float32]:
        """Of the first rows, as far as both logs are the same: what comes later changes no error."""
        before, users = self.dataset, len(self.dataset.user_ids)
        if dataset.movies is not before.movies or dataset.vectors is not before.vectors:
            return self.error[:0]
        if not np.array_equal(dataset.user_ids[:users], before.user_ids):
            return self.error[:0]
        end = min(len(dataset.ratings), len(before.ratings))
        for name in ("user_index", "movie_index", "rating", "rated_at"):
            same = getattr(dataset.ratings, name)[:end] == getattr(before.ratings, name)[:end]
            end = end if same.all() else int(same.argmin())
        return self.error[: np.searchsorted(self.rows, end)]


class Erring(Protocol):
    """A fitted model."""

    def of_events(self, index: FeatureIndex, rows: NDArray[np.int64] | None = None) -> NDArray[np.float32]:
        """Ratings (1-10) of event rows of the index's log, of all where None, each from the ratings strictly before it."""


class OwnErrors:
    """Errors (rating minus prediction) of a fitted model on a log.

    Args:
        model: fitted.
        index: of the log.
        settings: see `OwnErrorSettings`.
        until: see `fitted_until`; errors with movies move nothing where it is not known.
        before: the same model on a log that may begin like this one.
    """

    def __init__(
        self,
        model: Erring,
        index: FeatureIndex,
        settings: OwnErrorSettings,
        until: Mapping[str, int] | None = None,
        *,
        before: "OwnErrors | None" = None,
    ) -> None:
        self.model, self.index, self.settings, self.until = model, index, settings, until
        self.known: KnownErrors | None = before.known if before else None
        """Of the events that the model was not fitted to, once they are worked out."""

    def before(self, queries: Queries) -> NDArray[np.float32]:
        """Shrunken mean error with each query's user plus that with its movie, of ratings strictly before it.

        0 where there is none; shape (queries,).
        """
        rank = self.index.log.clock.rank(queries.at)
        off = self._of_users(queries.user_index).before(queries.user_index, rank)
        if self.until is not None:
            off += self._of_movies(queries.movie_index).before(queries.movie_index, rank)
        return off.astype(np.float32)

    def _of_users(self, users: NDArray[np.integer]) -> _Running:
        if self.index.knows_events:
            return self._all_users
        return self._by_user(np.flatnonzero(np.isin(self.index.dataset.ratings.user_index, users)))

    @cached_property
    def _all_users(self) -> _Running:
        return self._by_user(np.arange(len(self.index.dataset.ratings)))

    def _by_user(self, rows: NDArray[np.int64]) -> _Running:
        user, s = self.index.dataset.ratings.user_index, self.settings
        return self._running(rows, user[rows], self._errors(rows), keep=s.keep, shrinkage=s.shrinkage)

    def _of_movies(self, movies: NDArray[np.integer]) -> _Running:
        asked = np.unique(movies)
        if self.index.knows_events or len(asked) > _MANY:
            return self._all_movies
        rows = self._not_fitted[np.isin(self.index.dataset.ratings.movie_index[self._not_fitted], asked)]
        return self._by_movie(rows, self._errors(rows))

    @cached_property
    def _all_movies(self) -> _Running:
        dataset, rows = self.index.dataset, self._not_fitted
        known = self.known.of(dataset) if self.known else np.zeros(0, np.float32)
        self.known = KnownErrors(dataset, rows, np.concatenate([known, self._errors(rows[len(known) :])]))
        return self._by_movie(rows, self.known.error)

    def _by_movie(self, rows: NDArray[np.int64], error: NDArray[np.float32]) -> _Running:
        movie = self.index.dataset.ratings.movie_index
        return self._running(rows, movie[rows], error, keep=1.0, shrinkage=self.settings.movie_shrinkage)

    @cached_property
    def _not_fitted(self) -> NDArray[np.int64]:
        """Rows of the events that the model was not fitted to."""
        dataset = self.index.dataset
        last = last_fitted(dataset, self.until or {})
        return np.flatnonzero(dataset.ratings.rated_at > last[dataset.ratings.user_index])

    def _running(
        self, rows: NDArray[np.int64], key: NDArray[np.integer], error: NDArray[np.float32],
        *, keep: float, shrinkage: float,
    ) -> _Running:  # fmt: skip
        """After each of some events, what an error counts for falling by `keep` with each further one of the key."""
        grouped = Grouped.by(key, self.index.log.rank[rows], self.index.log.clock)
        share = self._share[rows]
        total = grouped.decayed(exact(error * share), keep)
        count = grouped.decayed(exact(share), keep)
        return _Running(grouped, total / (count + shrinkage))

    @cached_property
    def _share(self) -> NDArray[np.float64]:
        """By event, one over the number of ratings that its user has of its moment."""
        by_user = self.index.log.by_user
        first = np.flatnonzero(np.diff(by_user.stamp, prepend=-1))
        many = np.diff(first, append=len(by_user.stamp))
        share = np.empty(len(by_user.order))
        share[by_user.order] = np.repeat(1.0 / many, many)
        return share

    def _errors(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        if self.index.knows_events:
            return self._all_errors[rows]
        return self.index.dataset.ratings.rating[rows] - self.model.of_events(self.index, rows)

    @cached_property
    def _all_errors(self) -> NDArray[np.float32]:
        return self.index.dataset.ratings.rating - self.model.of_events(self.index)


def fitted_until(dataset: Dataset, rows: NDArray[np.integer]) -> dict[str, int]:
    """By id, the moment of each user's last event among those that a model was fitted to; epoch seconds."""
    ratings = dataset.ratings.take(rows)
    last = np.full(len(dataset.user_ids), _NEVER, np.int64)
    np.maximum.at(last, ratings.user_index, ratings.rated_at)
    users = np.flatnonzero(last > _NEVER)
    return dict(zip(dataset.user_ids[users].tolist(), last[users].tolist(), strict=True))


def last_fitted(dataset: Dataset, until: Mapping[str, int]) -> NDArray[np.int64]:
    """By user index, what `fitted_until` says of a user; before all time for one that it does not name."""
    return np.array([until.get(user, _NEVER) for user in dataset.user_ids.tolist()], np.int64)
