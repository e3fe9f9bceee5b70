"""The same features for one user and many candidates at one moment, fast enough to wait for.

What belongs to the movies is worked out once for the moment; for a user only the user's own side is.
"""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.baseline_estimates import Biases, Queries, biases_at
from kgrec_gds.data.rating_log import Asked
from kgrec_gds.features.calendar import calendar_columns
from kgrec_gds.features.entities import Pairs, Tally
from kgrec_gds.features.rolling_statistics import Columns
from kgrec_gds.features.table import FeatureIndex, FeatureTable, Sides


class Snapshot:
    """A feature index at a moment.

    Args:
        index: the history.
        now: epoch seconds; only ratings strictly before are seen.
    """

    def __init__(self, index: FeatureIndex, now: int) -> None:
        self.index, self.now = index, now
        log = index.log
        self._seen = now - index.settings.delay
        self._rank = int(log.clock.rank(np.array([self._seen]))[0])
        self._biases_at = biases_at(log.dataset.ratings, log.sizes, self._seen, index.settings.biases)

    def table(self, user_index: int, movie_index: NDArray[np.int32] | None = None) -> FeatureTable:
        """Features of one user with each candidate; equal to `FeatureIndex.table` at this moment.

        Args:
            user_index: 0 is a user without any history.
            movie_index: shape (candidates,); by default every row of the catalogue, the padding row included.
        """
        movies = len(self.index.dataset.movies)
        whole = movie_index is None
        chosen = np.arange(movies, dtype=np.int32) if movie_index is None else movie_index
        rows: NDArray[np.int32] | slice = slice(None) if whole else chosen
        size = len(chosen)
        alone = self._asked(np.array([user_index], np.int32), np.zeros(1, np.int32))
        user_bias = self._biases(alone)
        user = self.index.user_columns(alone, user_bias.mean)
        asked = Asked(
            Queries(np.full(size, user_index, np.int32), chosen, np.full(size, self.now)),
            np.full(size, self._seen), np.full(size, self._rank), np.repeat(alone.user_position, size),
            self._everything.movie_position[rows],
        )  # fmt: skip
        biases = Biases(
            np.repeat(user_bias.mean, size), np.repeat(user_bias.user, size), self._movie_bias[rows]
        )
        pairs = self._pairs if whole else {
            name: Pairs.of(history.facts, chosen) for name, history in self.index.relations.items()
        }  # fmt: skip
        sides = Sides(
            user={name: np.repeat(values, size) for name, values in user.items()},
            movie=_pick(self._movie_columns, rows),
            everybody={name: _pick(columns, rows) for name, columns in self._everybody.items()},
            own={name: (pairs[name], self._own(name, pairs[name], alone)) for name in pairs},
        )
        return self.index.assemble(asked, biases, lambda: sides)

    @cached_property
    def of_movies(self) -> frozenset[str]:
        """Columns that are the same for every user."""
        everybody = (name for columns in self._everybody.values() for name in columns)
        genres = self.index.genre_columns(np.zeros(1, np.int32))
        calendar = calendar_columns(np.array([self.now]))
        others = ("bias_mean", "bias_movie", "movie_year", "movie_years_old")
        return frozenset((*self._movie_columns, *everybody, *genres, *calendar, *others))

    @cached_property
    def of_users(self) -> frozenset[str]:
        """Columns that are the same for every movie."""
        nobody = self._asked(np.zeros(1, np.int32), np.zeros(1, np.int32))
        return frozenset((*self.index.user_columns(nobody, np.zeros(1)), "bias_user"))

    def _asked(self, user_index: NDArray[np.int32], movie_index: NDArray[np.int32]) -> Asked:
        queries = Queries(user_index, movie_index, np.full(len(user_index), self.now))
        return Asked.of(self.index.log, queries, self.index.settings.delay)

    def _biases(self, asked: Asked) -> Biases:
        return self._biases_at(Queries(asked.queries.user_index, asked.queries.movie_index, asked.seen))

    def _own(self, relation: str, pairs: Pairs, alone: Asked) -> Tally:
        # One user's history is short: counting it whole costs less than looking each candidate's entity up.
        history, log = self.index.relations[relation], self.index.log
        end = int(alone.user_position[0]) + 1
        first = int(log.by_user.first[end - 1]) if end else 0
        events = log.by_user.order[first:end]
        met = Pairs.of(history.facts, log.dataset.ratings.movie_index[events])
        count = np.bincount(met.entity, minlength=history.entities).astype(np.float64)
        total = np.bincount(met.entity, log.residual[events][met.row], history.entities).astype(np.float64)
        return Tally(count[pairs.entity], total[pairs.entity])

    @cached_property
    def _everything(self) -> Asked:
        movies = np.arange(len(self.index.dataset.movies), dtype=np.int32)
        return self._asked(np.zeros_like(movies), movies)

    @cached_property
    def _movie_bias(self) -> NDArray[np.float64]:
        return self._biases(self._everything).movie

    @cached_property
    def _movie_columns(self) -> Columns:
        return self.index.movie_columns(self._everything, self._biases(self._everything).mean)

    @cached_property
    def _pairs(self) -> dict[str, Pairs]:
        return {name: history.pairs(self._everything) for name, history in self.index.relations.items()}

    @cached_property
    def _everybody(self) -> dict[str, Columns]:
        if not self.index.settings.graph:
            return {}
        return self.index.everybody_columns(self._everything, self._pairs)


def _pick(columns: Columns, rows: NDArray[np.int32] | slice) -> Columns:
    return {name: values[rows] for name, values in columns.items()}
