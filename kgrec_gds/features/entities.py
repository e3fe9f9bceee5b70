"""Features through the facts of a movie: what its directors, actors, writers and genres have got so far.

For each relation two histories are asked: everybody's ratings of the entity's movies, and the user's own.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Facts
from kgrec_gds.data.grouping import Grouped, at
from kgrec_gds.data.rating_log import QueryPositions, RatingLog
from kgrec_gds.features.rolling_statistics import Columns

#: Relations as they are named in columns.
SINGULAR = {"directors": "director", "actors": "actor", "writers": "writer", "genres": "genre"}


@dataclass(frozen=True)
class Pairs:
    """(row, entity) for every fact of the rows' movies, rows ascending."""

    row: NDArray[np.int64]
    entity: NDArray[np.int32]
    rows: int

    @classmethod
    def of(cls, facts: Facts, movie_index: NDArray[np.int32]) -> "Pairs":
        """The facts of each row's movie."""
        lengths = np.diff(facts.indptr)[movie_index]
        row = np.repeat(np.arange(len(movie_index)), lengths)
        within = np.arange(len(row)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return cls(row, facts.indices[facts.indptr[movie_index][row] + within], len(movie_index))

    def total(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum by row; rows without a pair have 0."""
        return np.bincount(self.row, values, self.rows).astype(np.float64)

    def greatest(self, values: NDArray[np.float64], start: float) -> NDArray[np.float64]:
        """Greatest by row, at least `start`."""
        result = np.full(self.rows, start)
        if len(self.row):
            first = np.flatnonzero(np.diff(self.row, prepend=-1))
            rows = self.row[first]
            result[rows] = np.maximum(np.maximum.reduceat(values, first), start)
        return result


@dataclass(frozen=True)
class Tally:
    """Number of ratings and sum of residuals by pair."""

    count: NDArray[np.float64]
    total: NDArray[np.float64]


class RelationHistory:
    """Running tallies of one relation's entities, over all users and by user."""

    def __init__(self, log: RatingLog, facts: Facts) -> None:
        self.log, self.facts = log, facts
        self.entities = len(facts.keys)

    @cached_property
    def events(self) -> Pairs:
        """The facts of every event's movie."""
        return Pairs.of(self.facts, self.log.dataset.ratings.movie_index)

    @cached_property
    def _everybody(self) -> tuple[Grouped, NDArray[np.float64]]:
        grouped = Grouped.by(self.events.entity, self.log.rank[self.events.row], self.log.clock)
        return grouped, grouped.sums(self.log.residual[self.events.row])

    @cached_property
    def _own(self) -> tuple[Grouped, NDArray[np.float64]]:
        grouped = Grouped.by(self._own_key(self.events, self.log.dataset.ratings.user_index),
                             self.log.rank[self.events.row], self.log.clock)  # fmt: skip
        return grouped, grouped.sums(self.log.residual[self.events.row])

    def _own_key(self, pairs: Pairs, user_index: NDArray[np.int32]) -> NDArray[np.int64]:
        return user_index.astype(np.int64)[pairs.row] * self.entities + pairs.entity

    def pairs(self, asked: QueryPositions) -> Pairs:
        """The facts of every query's movie."""
        return self.events if asked.events else Pairs.of(self.facts, asked.queries.movie_index)

    def everybody(self, pairs: Pairs, asked: QueryPositions) -> Tally:
        """Tally of all users' ratings of each pair's entity, strictly before the row's moment."""
        grouped, sums = self._everybody
        position = grouped.earlier if asked.events else grouped.before(pairs.entity, asked.rank[pairs.row])
        return Tally(at(grouped.count, position), at(sums, position))

    def own(self, pairs: Pairs, asked: QueryPositions) -> Tally:
        """Tally of the asking user's ratings of each pair's entity."""
        grouped, sums = self._own
        if asked.events:
            position = grouped.earlier
        else:
            position = grouped.before(self._own_key(pairs, asked.queries.user_index), asked.rank[pairs.row])
        return Tally(at(grouped.count, position), at(sums, position))


def everybody_columns(name: str, pairs: Pairs, tally: Tally, movie: Tally, shrinkage: float) -> Columns:
    """The running residual of a movie's entities, the movie's own ratings left out.

    Args:
        name: of the relation, singular.
        pairs: (row, entity).
        tally: by pair, over all users.
        movie: by row, the movie's own ratings, which are part of each of its entities'.
        shrinkage: added to each count.
    """
    count = tally.count - movie.count[pairs.row]
    total = tally.total - movie.total[pairs.row]
    number = np.maximum(np.bincount(pairs.row, minlength=pairs.rows), 1)
    means = total / (count + shrinkage)
    return {
        f"graph_{name}_residual": pairs.total(means) / number,
        f"graph_{name}_pooled": pairs.total(total) / (pairs.total(count) + shrinkage),
        f"graph_{name}_best": pairs.greatest(means, -9.0),
        f"graph_{name}_count": np.log1p(pairs.total(count)),
    }


def own_columns(name: str, pairs: Pairs, tally: Tally, shrinkage: float) -> Columns:
    """The user's own affinity to a movie's entities: shrunken mean residual, its strongest, and how often met."""
    means = tally.total / (tally.count + shrinkage)
    count = pairs.total(tally.count)
    return {
        f"graph_own_{name}_residual": pairs.total(tally.total) / (count + shrinkage),
        f"graph_own_{name}_sum": pairs.total(means),
        f"graph_own_{name}_count": np.log1p(count),
    }


def user_genre_columns(pairs: Pairs, tally: Tally, otherwise: NDArray[np.float64]) -> Columns:
    """The user's expanding mean residual per genre: its mean, greatest and least over the movie's genres.

    A genre that the user has not rated counts as the user's mean over all, `otherwise`, shape (rows,).
    """
    prior = 5.0
    means = (tally.total + prior * otherwise[pairs.row]) / (tally.count + prior)
    number = np.bincount(pairs.row, minlength=pairs.rows)
    none = number == 0
    return {
        "user_genre_mean": np.where(none, otherwise, pairs.total(means) / np.maximum(number, 1)),
        "user_genre_best": np.where(none, otherwise, pairs.greatest(means, -9.0)),
        "user_genre_worst": np.where(none, otherwise, -pairs.greatest(-means, -9.0)),
        "user_genre_count": np.log1p(pairs.total(tally.count) / np.maximum(number, 1)),
    }
