"""Causal features of (user, movie, moment): everything that was known strictly before, as numbers.

`docs/features.md` says what each column means.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.windows.biases import Biases, BiasSettings, Queries, causal_biases
from kgrec_gds.windows.calendar import calendar_columns
from kgrec_gds.windows.dataset import Dataset
from kgrec_gds.windows.grouping import at
from kgrec_gds.windows.log import Asked, RatingLog
from kgrec_gds.windows.nearest import Nearest
from kgrec_gds.windows.relations import Pairs, RelationHistory, Tally, everybody_columns, own_columns
from kgrec_gds.windows.series import DAY, HOUR, Columns, Series

#: Columns that need the knowledge graph begin with this.
GRAPH_PREFIX = "graph_"
_SINGULAR = {"directors": "director", "actors": "actor", "writers": "writer", "genres": "genre"}


@dataclass(frozen=True)
class FeatureSettings:
    """What the default preset computes."""

    graph: bool = True
    """Whether features of people, genres' residuals and nearest movies are made."""
    delay: int = 0
    """Seconds by which all histories lag behind the query, to measure what a day-old history costs."""
    series_shrinkage: float = 5.0
    """Added to the count of a user's or a movie's residuals."""
    entity_shrinkage: float = 10.0
    """Added to the count of everybody's ratings of a person or genre."""
    own_shrinkage: float = 3.0
    """Added to the count of the user's own ratings of a person or genre."""
    last: int = 5
    """Number of the user's last residuals that are columns of their own."""
    reach: int = 256
    """Number of the user's last ratings among which the nearest by graph vector are looked for."""
    biases: BiasSettings = field(default_factory=BiasSettings)
    """How the causal bias is fitted."""


@dataclass(frozen=True)
class FeatureTable:
    """Named columns."""

    names: tuple[str, ...]
    values: NDArray[np.float32]
    """Shape (queries, features); no NaN."""

    def column(self, name: str) -> NDArray[np.float32]:
        """One column."""
        return self.values[:, self.names.index(name)]

    def without_graph(self) -> "FeatureTable":
        """The same table without the columns that need the knowledge graph."""
        keep = [number for number, name in enumerate(self.names) if not name.startswith(GRAPH_PREFIX)]
        return FeatureTable(tuple(self.names[number] for number in keep), self.values[:, keep])


def causal_features(
    dataset: Dataset, queries: Queries | None = None, settings: FeatureSettings | None = None
) -> FeatureTable:
    """Features of each query from ratings strictly before its moment.

    Args:
        dataset: ratings, movies, facts; vectors where nearest movies are wanted.
        queries: shape (queries,); by default every event at its own time.
        settings: see `FeatureSettings`.
    """
    return FeatureIndex(dataset, settings or FeatureSettings()).table(queries or Queries.of(dataset.ratings))


class FeatureIndex:
    """A data set's history, grouped once, to be asked many times."""

    def __init__(self, dataset: Dataset, settings: FeatureSettings) -> None:
        self.dataset, self.settings = dataset, settings
        self.log = RatingLog(dataset, settings.biases)

    def table(self, queries: Queries) -> FeatureTable:
        """Features of arbitrary queries."""
        asked = Asked.of(self.log, queries, self.settings.delay)
        biases = self._biases(asked)
        columns = {
            **self.bias_columns(biases),
            **self.user_columns(asked, biases.mean),
            **self.movie_columns(asked, biases.mean),
            **calendar_columns(queries.at),
        }
        columns |= self.pair_columns(asked, columns)
        columns |= self.genre_columns(queries.movie_index)
        for relation, history in self.relations.items():
            name = _SINGULAR[relation]
            pairs = history.pairs(asked)
            own = history.own(pairs, asked)
            if relation == "genres":
                columns |= self.user_genre_columns(pairs, own, columns)
            if self.settings.graph:
                movie = self.movie_tally(asked)
                everybody = history.everybody(pairs, asked)
                columns |= everybody_columns(name, pairs, everybody, movie, self.settings.entity_shrinkage)
                columns |= own_columns(name, pairs, own, self.settings.own_shrinkage)
        if self.settings.graph and self.nearest is not None:
            columns |= self.nearest.columns(asked)
        return as_table(columns)

    def _biases(self, asked: Asked) -> Biases:
        if asked.events:
            return self.log.biases
        seen = replace(asked.queries, at=asked.seen)
        return causal_biases(self.dataset.ratings, self.log.sizes, seen, self.settings.biases)

    @cached_property
    def user_series(self) -> Series:
        """Running states of users."""
        log = self.log
        return Series(
            self.dataset.ratings, log.residual, log.by_user, log.clock, self.settings.series_shrinkage
        )

    @cached_property
    def movie_series(self) -> Series:
        """Running states of movies."""
        log = self.log
        return Series(
            self.dataset.ratings, log.residual, log.by_movie, log.clock, self.settings.series_shrinkage
        )

    @cached_property
    def relations(self) -> dict[str, RelationHistory]:
        """Running tallies by relation; only genres where the graph is left out."""
        facts = self.dataset.movies.facts
        wanted = facts if self.settings.graph else {"genres"} & set(facts)
        return {
            relation: RelationHistory(self.log, facts[relation])
            for relation in _SINGULAR
            if relation in wanted
        }

    @cached_property
    def nearest(self) -> Nearest | None:
        """Similarity by graph vector, where the data set has vectors."""
        vectors = self.dataset.vectors
        return None if vectors is None else Nearest.of(self.log, vectors.movies, self.settings.reach)

    @staticmethod
    def bias_columns(biases: Biases) -> Columns:
        """Parts of the causal bias and their sum."""
        return {
            "bias": biases.total,
            "bias_mean": biases.mean,
            "bias_user": biases.user,
            "bias_movie": biases.movie,
        }

    def user_columns(self, asked: Asked, mean: NDArray[np.float64]) -> Columns:
        """The user's side."""
        series, position = self.user_series, asked.user_position
        columns = series.moments(position, mean)
        for span in (3, 5, 10, 30, 100):
            columns |= series.weighted(position, mean, span)
        for name, seconds in (("minutes", 600), ("hour", HOUR), ("day", DAY), ("month", 30 * DAY)):
            columns |= series.recent(position, asked.seen, seconds, name)
        columns |= series.last(position, self.settings.last)
        columns |= series.gaps(position, asked.seen)
        return {f"user_{name}": values for name, values in columns.items()}

    def movie_columns(self, asked: Asked, mean: NDArray[np.float64]) -> Columns:
        """The movie's side."""
        series, position = self.movie_series, asked.movie_position
        columns = series.moments(position, mean)
        for span in (5, 20):
            columns |= series.weighted(position, mean, span)
        for name, seconds in (("week", 7 * DAY), ("year", 365 * DAY)):
            columns |= series.recent(position, asked.seen, seconds, name)
        columns |= series.last(position, 2)
        columns |= series.gaps(position, asked.seen)
        year = self.dataset.movies.year[asked.queries.movie_index].astype(np.float64)
        columns["year"] = year
        return {f"movie_{name}": values for name, values in columns.items()}

    def pair_columns(self, asked: Asked, columns: Columns) -> Columns:
        """What needs both sides: how old the movie is at the moment."""
        year = columns["movie_year"]
        age = columns["time_year"] - year
        known = np.isfinite(year)
        return {"movie_year": np.where(known, year, 0.0), "movie_years_old": np.where(known, age, -1.0)}

    def genre_columns(self, movie_index: NDArray[np.int32]) -> Columns:
        """Genres, multi-hot."""
        facts = self.dataset.movies.facts.get("genres")
        if facts is None:
            return {}
        hot = self._multi_hot[movie_index]
        return {f"genre_{key}": hot[:, number] for number, key in enumerate(facts.keys) if number}

    @cached_property
    def _multi_hot(self) -> NDArray[np.float64]:
        facts = self.dataset.movies.facts["genres"]
        hot = np.zeros((len(self.dataset.movies), len(facts.keys)))
        hot[np.repeat(np.arange(len(hot)), np.diff(facts.indptr)), facts.indices] = 1.0
        return hot

    def user_genre_columns(self, pairs: Pairs, own: Tally, columns: Columns) -> Columns:
        """The user's expanding mean per genre of the movie."""
        return {}

    def movie_tally(self, asked: Asked) -> Tally:
        """The movie's own count and sum of residuals."""
        position = asked.movie_position
        return Tally(at(self.log.by_movie.count, position), at(self.movie_series.residual_sum, position))


def as_table(columns: Columns) -> FeatureTable:
    """Stack columns in their order."""
    length = len(next(iter(columns.values())))
    values = np.empty((len(columns), length), np.float32)
    for number, column in enumerate(columns.values()):
        values[number] = column
    return FeatureTable(tuple(columns), np.ascontiguousarray(values.T))
