"""Causal features of (user, movie, moment): everything that was known strictly before, as numbers.

`docs/features.md` says what each column means.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.baseline_estimates import BaselineEstimates, baseline_estimates
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.grouping import at
from kgrec_gds.data.query import Queries
from kgrec_gds.data.rating_log import QueryPositions, RatingLog
from kgrec_gds.features.calendar import calendar_columns
from kgrec_gds.features.entities import (
    SINGULAR,
    Pairs,
    RelationHistory,
    Tally,
    everybody_columns,
    own_columns,
    user_genre_columns,
)
from kgrec_gds.features.gaussian_process.batching import KRIGED, Kriging
from kgrec_gds.features.gaussian_process.kernel import Covariance, KrigingSettings
from kgrec_gds.features.item_similarity import Nearest, kind_vectors, unit
from kgrec_gds.features.latent_factors import Taste, TasteSettings
from kgrec_gds.features.ridge_regression import COVARIATES, Leaning, covariates
from kgrec_gds.features.rolling_statistics import DAY, HOUR, Columns, Series
from kgrec_gds.threads import one_blas_thread

#: Columns that need the knowledge graph begin with this.
GRAPH_PREFIX = "graph_"


@dataclass(frozen=True)
class FeatureSettings:
    """What the default preset computes."""

    graph: bool = True
    """Whether features of people, of genres' residuals and of nearest movies are made."""
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
    ridge: float = 10.0
    """Of the regression of a user's residuals on what the movies were like."""
    taste: TasteSettings = field(default_factory=TasteSettings)
    """How the latent factors are."""
    kriging: KrigingSettings = field(default_factory=KrigingSettings)
    """How alike two ratings of a user are."""


@dataclass(frozen=True)
class FeatureTable:
    """Named columns."""

    names: tuple[str, ...]
    values: NDArray[np.float32]
    """Shape (queries, features); no NaN."""

    def column(self, name: str) -> NDArray[np.float32]:
        """One column."""
        return self.values[:, self.names.index(name)]

    def only(self, names: tuple[str, ...]) -> "FeatureTable":
        """The named columns, in the order given."""
        if names == self.names:
            return self
        return FeatureTable(names, self.values[:, [self.names.index(name) for name in names]])

    @classmethod
    def of(cls, columns: Columns) -> "FeatureTable":
        """Stack columns in their order."""
        length = len(next(iter(columns.values())))
        values = np.empty((len(columns), length), np.float32)
        for number, column in enumerate(columns.values()):
            values[number] = column
        return cls(tuple(columns), np.ascontiguousarray(values.T))


@dataclass(frozen=True)
class Sides:
    """What is known of the queries' users and movies; each column has shape (queries,)."""

    user: Columns
    movie: Columns
    everybody: dict[str, Columns]
    """By relation."""
    own: dict[str, tuple[Pairs, Tally]]
    """By relation, the user's own ratings of each fact's entity."""


class Features:
    """The columns that a data set gives; get it by `dataset.derive(Features)`."""

    def __init__(self, dataset: Dataset) -> None:
        self._index = FeatureIndex(dataset, FeatureSettings())

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All columns, in the order of the table."""
        none = np.zeros(0, np.int32)
        return self._index.table(Queries.at_time(none, none, 0)).names

    def select(
        self, *, graph: bool = True, vectors: bool = True, online_only: bool = False
    ) -> tuple[str, ...]:
        """Names of columns: without the graph, without its vectors, or only those computable at question time."""
        left_out: tuple[str, ...] = () if graph else (GRAPH_PREFIX,)
        left_out += () if vectors else ("graph_near",)
        offline = ("user_taste", *KRIGED) if online_only else ()
        return tuple(name for name in self.names if not name.startswith(left_out) and name not in offline)

    def table(self, queries: Queries, columns: tuple[str, ...] | None = None) -> FeatureTable:
        """Columns of each query, from ratings strictly before its `known_until`; all of them by default."""
        table = self._index.table(queries)
        return table if columns is None else table.only(columns)


class FeatureIndex:
    """A data set's history, grouped once, to be asked many times."""

    def __init__(self, dataset: Dataset, settings: FeatureSettings) -> None:
        self.dataset, self.settings = dataset, settings
        self.log = dataset.derive(RatingLog)

    def table(self, queries: Queries) -> FeatureTable:
        """Features of arbitrary queries."""
        asked = QueryPositions.of(self.log, queries)
        return self._table(asked, self._biases(asked))

    def _table(self, asked: QueryPositions, biases: BaselineEstimates) -> FeatureTable:
        return self.assemble(asked, biases, lambda: self._sides(asked, biases))

    def _sides(self, asked: QueryPositions, biases: BaselineEstimates) -> Sides:
        pairs = {relation: history.pairs(asked) for relation, history in self.relations.items()}
        own = {
            relation: (pairs[relation], self.relations[relation].own(pairs[relation], asked))
            for relation in pairs
        }
        return Sides(
            user=self.user_columns(asked, biases.mean),
            movie=self.movie_columns(asked, biases.mean),
            everybody=self.everybody_columns(asked, pairs) if self.settings.graph else {},
            own=own,
        )

    def assemble(
        self, asked: QueryPositions, biases: BaselineEstimates, sides: Callable[[], Sides]
    ) -> FeatureTable:
        """Put all columns together, in the one order there is; `sides` is called while others are made beside."""
        movie = self._covariates(asked.queries, asked.movie_position, biases)
        with one_blas_thread(), ThreadPoolExecutor(1) as beside:
            # Comparing movies is half of the work: first on the core beside this one, then kriging on all of them.
            near = [beside.submit(nearest.columns, asked) for nearest in self.nearest]
            kriged = beside.submit(self.kriging.columns, asked, movie)
            known = sides()
            before = self._columns_before_kriging(asked, biases, known, movie)
            after = self._columns_after_kriging(asked, known)
            columns = before | kriged.result() | after
            for made in near:
                columns |= made.result()
            return FeatureTable.of(columns)

    def _columns_before_kriging(
        self, asked: QueryPositions, biases: BaselineEstimates, sides: Sides, movie: NDArray[np.float64]
    ) -> Columns:
        columns: Columns = {
            "bias": biases.total,
            "bias_mean": biases.mean,
            "bias_user": biases.user,
            "bias_movie": biases.movie,
        }
        columns |= sides.user | sides.movie | calendar_columns(asked.queries.at)
        columns["movie_year"] = self._year(asked.queries)
        columns["movie_years_old"] = columns["time_year"] - columns["movie_year"]
        lean = [columns[f"user_lean_{name}"] * movie[:, number] for number, name in enumerate(COVARIATES)]
        columns["user_lean"] = np.sum(lean, axis=0)
        columns["user_taste"] = self.taste.expected(asked)
        return columns

    def _columns_after_kriging(self, asked: QueryPositions, sides: Sides) -> Columns:
        columns = self.genre_columns(asked.queries.movie_index)
        if "genres" in sides.own:
            columns |= user_genre_columns(*sides.own["genres"], sides.user["user_residual_mean"])
        if not self.settings.graph:
            return columns
        for relation, (pairs, tally) in sides.own.items():
            columns |= sides.everybody[relation]
            columns |= own_columns(SINGULAR[relation], pairs, tally, self.settings.own_shrinkage)
        return columns

    def _biases(self, asked: QueryPositions) -> BaselineEstimates:
        if asked.events:
            return self.log.baseline
        return baseline_estimates(self.dataset, asked.queries)

    @cached_property
    def user_series(self) -> Series:
        """Running states of users."""
        return Series(self.log, self.log.by_user, self.settings.series_shrinkage)

    @cached_property
    def movie_series(self) -> Series:
        """Running states of movies."""
        return Series(self.log, self.log.by_movie, self.settings.series_shrinkage)

    @cached_property
    def relations(self) -> dict[str, RelationHistory]:
        """Running tallies by relation; only genres where the graph is left out."""
        facts = self.dataset.movies.facts
        wanted = SINGULAR if self.settings.graph else ("genres",)
        return {
            relation: RelationHistory(self.log, facts[relation]) for relation in wanted if relation in facts
        }

    @cached_property
    def nearest(self) -> list[Nearest]:
        """Similarity of movies: of their kind by the genres' facts, and by graph vector where there are vectors."""
        compared = ((self._kinds, (4, 16), "graph_like"), (self._vectors, (2, 8), "graph_near"))
        return [
            Nearest(self.log, vectors, self.settings.reach, powers, prefix)
            for vectors, powers, prefix in compared
            if vectors is not None
        ]

    @cached_property
    def _kinds(self) -> NDArray[np.float32] | None:
        if not self.settings.graph or "genres" not in self.dataset.movies.facts:
            return None
        return kind_vectors(self._multi_hot, self.dataset.movies.year)

    @cached_property
    def _vectors(self) -> NDArray[np.float32] | None:
        vectors = self.dataset.vectors
        return unit(vectors.movies) if self.settings.graph and vectors is not None else None

    @cached_property
    def leaning(self) -> Leaning:
        """Where each user's taste leans."""
        return Leaning(self.log.by_user, self._seen, self.log.residual, self.settings.ridge)

    @cached_property
    def kriging(self) -> Kriging:
        """What all of a user's earlier ratings say together."""
        return Kriging(
            Covariance(self.log, self.taste, self._seen, self._kinds, self._vectors, self.settings.kriging)
        )

    @cached_property
    def _seen(self) -> NDArray[np.float64]:
        """Covariates of every event at its own time."""
        log = self.log
        return self._covariates(Queries.of(self.dataset.ratings), log.by_movie.earlier, log.baseline)

    def _covariates(
        self, queries: Queries, movie_position: NDArray[np.int64], biases: BaselineEstimates
    ) -> NDArray[np.float64]:
        count = at(self.log.by_movie.count, movie_position)
        return covariates(self._year(queries), np.log1p(count), biases.movie)

    @cached_property
    def taste(self) -> Taste:
        """What each user's taste says of each movie."""
        return Taste(self.log, self.settings.taste)

    def _year(self, queries: Queries) -> NDArray[np.float64]:
        # A movie of unknown year counts as new: the same as most movies that nobody has described yet.
        year = self.dataset.movies.year[queries.movie_index].astype(np.float64)
        now = queries.at.astype("datetime64[s]").astype("datetime64[Y]").astype(np.int64) + 1970
        return np.where(np.isfinite(year), year, now)

    def user_columns(self, asked: QueryPositions, mean: NDArray[np.float64]) -> Columns:
        """The user's side; `mean` stands in where there is no history."""
        series, position = self.user_series, asked.user_position
        columns = series.moments(position, mean)
        for span in (3, 5, 10, 30, 100):
            columns |= series.weighted(position, mean, span)
        for name, seconds in (("minutes", 600), ("hour", HOUR), ("day", DAY), ("month", 30 * DAY)):
            columns |= series.recent(position, asked.queries.at, seconds, name)
        columns |= series.last(position, self.settings.last)
        columns |= series.gaps(position, asked.queries.at)
        weights = self.leaning.weights(position)
        columns |= {f"lean_{name}": weights[:, number] for number, name in enumerate(COVARIATES)}
        return {f"user_{name}": values for name, values in columns.items()}

    def movie_columns(self, asked: QueryPositions, mean: NDArray[np.float64]) -> Columns:
        """The movie's side."""
        series, position = self.movie_series, asked.movie_position
        columns = series.moments(position, mean)
        for span in (5, 20):
            columns |= series.weighted(position, mean, span)
        for name, seconds in (("week", 7 * DAY), ("year", 365 * DAY)):
            columns |= series.recent(position, asked.queries.at, seconds, name)
        columns |= series.last(position, 2)
        columns |= series.gaps(position, asked.queries.at)
        return {f"movie_{name}": values for name, values in columns.items()}

    def everybody_columns(self, asked: QueryPositions, pairs: dict[str, Pairs]) -> dict[str, Columns]:
        """By relation, what everybody thought of the movie's entities."""
        position = asked.movie_position
        movie = Tally(at(self.log.by_movie.count, position), at(self.movie_series.residual_sum, position))
        return {
            relation: everybody_columns(
                SINGULAR[relation], rows, self.relations[relation].everybody(rows, asked), movie,
                self.settings.entity_shrinkage,
            )
            for relation, rows in pairs.items()
        }  # fmt: skip

    def genre_columns(self, movie_index: NDArray[np.int32]) -> Columns:
        """Genres, multi-hot."""
        if "genres" not in self.dataset.movies.facts:
            return {}
        keys = self.dataset.movies.facts["genres"].keys
        hot = self._multi_hot[movie_index]
        return {f"genre_{key}": hot[:, number] for number, key in enumerate(keys) if number}

    @cached_property
    def _multi_hot(self) -> NDArray[np.float64]:
        facts = self.dataset.movies.facts["genres"]
        hot = np.zeros((len(self.dataset.movies), len(facts.keys)))
        hot[np.repeat(np.arange(len(hot)), np.diff(facts.indptr)), facts.indices] = 1.0
        return hot
