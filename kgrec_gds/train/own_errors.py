"""How far the trees have been off so far, with each user and with each movie: it moves what is said next.

Features say what the past of all users teaches. What a user rates above or below all that is mostly the same in the
next rating, so the errors of earlier ones, known by then, are part of the history too. So are those with the movie,
by whomever, as far as the trees were not fitted to them: they tell how a movie has fared since.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.train.trees import Trees
from kgrec_gds.windows.biases import Queries
from kgrec_gds.windows.dataset import Dataset
from kgrec_gds.windows.features import FeatureIndex, FeatureTable
from kgrec_gds.windows.grouping import Grouped, at, exact


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


@dataclass(frozen=True)
class _Running:
    """Mean error after each of some events."""

    grouped: Grouped
    mean: NDArray[np.float64]
    """By position in `grouped`."""

    def before(self, key: NDArray[np.integer], rank: NDArray[np.int64]) -> NDArray[np.float64]:
        """Strictly before the moment, 0 where there is none; by query."""
        return at(self.mean, self.grouped.before(key, rank))


class OwnErrors:
    """Errors (rating minus prediction) of fitted trees on a log.

    Args:
        trees: fitted.
        index: of the log.
        settings: see `OwnErrorSettings`.
        until: see `fitted_until`; errors with movies move nothing where it is not known.
    """

    def __init__(
        self,
        trees: Trees,
        index: FeatureIndex,
        settings: OwnErrorSettings,
        until: Mapping[str, int] | None = None,
    ) -> None:
        self.trees, self.index, self.settings, self.until = trees, index, settings, until

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
        user, keep, shrinkage = (
            self.index.dataset.ratings.user_index,
            self.settings.keep,
            self.settings.shrinkage,
        )
        return self._running(rows, user[rows], keep, shrinkage)

    def _of_movies(self, movies: NDArray[np.integer]) -> _Running:
        asked = np.unique(movies)
        if self.index.knows_events or len(asked) > _MANY:
            return self._all_movies
        known = np.isin(self.index.dataset.ratings.movie_index[self._not_fitted], asked)
        return self._by_movie(self._not_fitted[known])

    @cached_property
    def _all_movies(self) -> _Running:
        return self._by_movie(self._not_fitted)

    def _by_movie(self, rows: NDArray[np.int64]) -> _Running:
        movie = self.index.dataset.ratings.movie_index
        return self._running(rows, movie[rows], 1.0, self.settings.movie_shrinkage)

    @cached_property
    def _not_fitted(self) -> NDArray[np.int64]:
        """Rows of the events that the trees were not fitted to."""
        dataset, until = self.index.dataset, self.until or {}
        last = np.array([until.get(user, -1) for user in dataset.user_ids.tolist()], np.int64)
        return np.flatnonzero(dataset.ratings.rated_at > last[dataset.ratings.user_index])

    def _running(
        self, rows: NDArray[np.int64], key: NDArray[np.integer], keep: float, shrinkage: float
    ) -> _Running:
        """After each of some events, what an error counts for falling by `keep` with each further one of the key."""
        grouped = Grouped.by(key, self.index.log.rank[rows], self.index.log.clock)
        total = grouped.decayed(exact(self._errors(rows)), keep)
        count = grouped.decayed(np.ones(len(rows)), keep)
        return _Running(grouped, total / (count + shrinkage))

    def _errors(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        if self.index.knows_events:
            return self._all_errors[rows]
        return self._errors_in(self.index.of_events(rows), rows)

    @cached_property
    def _all_errors(self) -> NDArray[np.float32]:
        return self._errors_in(self.index.events, np.arange(len(self.index.dataset.ratings)))

    def _errors_in(self, table: FeatureTable, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        said = self.trees.ratings(table.column("bias"), table.values, table.names)
        return self.index.dataset.ratings.rating[rows] - said


def fitted_until(dataset: Dataset, rows: NDArray[np.integer]) -> dict[str, int]:
    """By id, the moment of each user's last event among those that a model was fitted to; epoch seconds."""
    ratings = dataset.ratings.take(rows)
    last = np.full(len(dataset.user_ids), -1, np.int64)
    np.maximum.at(last, ratings.user_index, ratings.rated_at)
    users = np.flatnonzero(last >= 0)
    return dict(zip(dataset.user_ids[users].tolist(), last[users].tolist(), strict=True))
