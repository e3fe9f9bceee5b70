"""Rolling residuals of a movie's people and genres: over everybody's ratings, and over the user's own."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import RELATIONS, Dataset, Facts
from kgrec_gds.data.grouping import Grouped, at
from kgrec_gds.data.links import Links
from kgrec_gds.data.rating_log import QueryPositions, RatingLog
from kgrec_gds.features.block import Block, Columns

ENTITY_SHRINKAGE = 10.0
"""Added to the number of everybody's ratings of an entity's movies."""
USER_SHRINKAGE = 3.0
"""Added to the number of the user's ratings of an entity's movies."""
GENRE_SHRINKAGE = 5.0
"""Added to the number of the user's ratings of a genre, towards the user's mean residual."""


@dataclass(frozen=True)
class Tally:
    """Number of ratings and sum of their residuals; arrays of shape (links,), or (rows,) for movies."""

    count: NDArray[np.float64]
    total: NDArray[np.float64]

    def mean(self, shrinkage: float, towards: NDArray[np.float64] | float = 0.0) -> NDArray[np.float64]:
        """Shrunken mean residual."""
        return (self.total + shrinkage * towards) / (self.count + shrinkage)


class EntityLog:
    """Running tallies of one relation's entities."""

    def __init__(self, log: RatingLog, relation: Facts) -> None:
        self.log, self.relation = log, relation

    def links(self, known: QueryPositions) -> Links:
        """Links of each query's movie."""
        return Links.of(self.relation, known.queries.movie_index)

    def of_everybody(self, known: QueryPositions, links: Links) -> Tally:
        """Tally of all known ratings of each link's entity, those of the query's own movie left out."""
        grouped, sums = self._everybody
        position = grouped.before(links.entity, known.rank[links.row])
        movie = known.movie_position[links.row]
        return Tally(
            at(grouped.count, position) - at(self.log.by_movie.count, movie),
            at(sums, position) - at(self._movie_sums, movie),
        )

    def of_user(self, known: QueryPositions, links: Links) -> Tally:
        """Tally of the user's known ratings of each link's entity."""
        if len(known) and (known.user_position == known.user_position[0]).all():
            return self._of_one_history(int(known.user_position[0]), links)
        grouped, sums = self._by_user
        key = self._user_key(links, known.queries.user_index)
        position = grouped.before(key, known.rank[links.row])
        return Tally(at(grouped.count, position), at(sums, position))

    def _of_one_history(self, position: int, links: Links) -> Tally:
        # One history is short: counting all of it costs less than looking up the entities of a whole catalogue.
        by_user = self.log.by_user
        events = by_user.order[by_user.first[position] : position + 1] if position >= 0 else by_user.order[:0]
        rated = Links.of(self.relation, self.log.ratings.movie_index[events])
        entities = len(self.relation.keys)
        count = np.bincount(rated.entity, minlength=entities).astype(np.float64)
        total = np.bincount(rated.entity, self.log.residual[events][rated.row], entities).astype(np.float64)
        return Tally(count[links.entity], total[links.entity])

    @cached_property
    def _events(self) -> Links:
        return Links.of(self.relation, self.log.ratings.movie_index)

    @cached_property
    def _everybody(self) -> tuple[Grouped, NDArray[np.float64]]:
        return self._grouped(self._events.entity)

    @cached_property
    def _by_user(self) -> tuple[Grouped, NDArray[np.float64]]:
        return self._grouped(self._user_key(self._events, self.log.ratings.user_index))

    def _grouped(self, key: NDArray[np.integer]) -> tuple[Grouped, NDArray[np.float64]]:
        grouped = Grouped.by(key, self.log.rank[self._events.row], self.log.clock)
        return grouped, grouped.sums(self.log.residual[self._events.row])

    @cached_property
    def _movie_sums(self) -> NDArray[np.float64]:
        return self.log.by_movie.sums(self.log.residual)

    def _user_key(self, links: Links, user_index: NDArray[np.int32]) -> NDArray[np.int64]:
        return user_index.astype(np.int64)[links.row] * len(self.relation.keys) + links.entity


def entity_logs(dataset: Dataset) -> dict[str, EntityLog]:
    """By relation, named as in columns (`director`); get them by `dataset.derive(entity_logs)`."""
    log, relations = dataset.derive(RatingLog), dataset.movies.facts
    return {
        relation.removesuffix("s"): EntityLog(log, relations[relation])
        for relation in RELATIONS
        if relation in relations
    }


class EntityResiduals(Block):
    """What everybody thought of the other movies of a movie's directors, actors, writers and genres."""

    depends_on = ("movie",)
    graph = True

    def compute(self, known: QueryPositions) -> Columns:
        """For each relation the mean of the entities' shrunken mean residuals, and the log count of ratings."""
        columns: Columns = {}
        for name, log in self.dataset.derive(entity_logs).items():
            links = log.links(known)
            tally = log.of_everybody(known, links)
            means = links.total(tally.mean(ENTITY_SHRINKAGE)) / np.maximum(links.count, 1)
            columns[f"graph_{name}_residual"] = means
            columns[f"graph_{name}_count"] = np.log1p(links.total(tally.count))
        return columns


class UserEntityResiduals(Block):
    """What the user thought of movies of the same directors, actors, writers and genres."""

    graph = True

    def compute(self, known: QueryPositions) -> Columns:
        """For each relation the shrunken mean residual of the user's ratings of movies that share an entity."""
        columns: Columns = {}
        for name, log in self.dataset.derive(entity_logs).items():
            links = log.links(known)
            tally = log.of_user(known, links)
            pooled = Tally(links.total(tally.count), links.total(tally.total))
            columns[f"graph_user_{name}_residual"] = pooled.mean(USER_SHRINKAGE)
        return columns


class UserGenres(Block):
    """The user's mean residual by genre, over the movie's genres; genres as labels, without the graph."""

    def compute(self, known: QueryPositions) -> Columns:
        """Mean over the movie's genres, each shrunken towards the user's mean residual, which stands for no genre."""
        log = self.dataset.derive(entity_logs).get("genre")
        if log is None:
            return {}
        links = log.links(known)
        tally = log.of_user(known, links)
        user = Tally(
            at(self.log.by_user.count, known.user_position), at(self._user_sums, known.user_position)
        )
        mean = user.mean(GENRE_SHRINKAGE)
        means = tally.mean(GENRE_SHRINKAGE, mean[links.row])
        number, none = np.maximum(links.count, 1), links.count == 0
        return {"user_genre_mean": np.where(none, mean, links.total(means) / number)}

    @cached_property
    def _user_sums(self) -> NDArray[np.float64]:
        return self.log.by_user.sums(self.log.residual)
