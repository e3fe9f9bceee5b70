"""Rolling residuals of a movie's people and genres: over everybody's ratings, and over the user's own."""

from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import RELATIONS, Dataset, Relation
from kgrec_gds.data.grouping import Grouped, RunningTally, Tally, in_ranges, run_start
from kgrec_gds.data.links import Links
from kgrec_gds.data.rating_log import QueryPositions, RatingLog
from kgrec_gds.errors import InputError
from kgrec_gds.features.block import Block, Columns

ENTITY_SHRINKAGE = 10.0
"""Added to the number of everybody's ratings of an entity's movies."""
USER_SHRINKAGE = 3.0
"""Added to the number of the user's ratings of an entity's movies."""
GENRE_SHRINKAGE = 5.0
"""Added to the number of the user's ratings of a genre, towards the user's mean residual."""

#: Rows of a tally that are sorted and summed at once, about; a hundred bytes each.
_ROWS_A_PART = 1 << 22


class EntityLog:
    """Running tallies of residuals by one relation's entities; each link of a query's movie has one."""

    def __init__(self, log: RatingLog, relation: Relation) -> None:
        self.log, self.relation = log, relation

    def links(self, known: QueryPositions) -> Links:
        """Links of each query's movie."""
        return Links.of(self.relation, known.queries.movie_index)

    def of_everybody(self, known: QueryPositions, links: Links) -> Tally:
        """Tally of all known ratings of each link's entity, those of the query's own movie left out."""
        own = self.log.movie_residuals.at(known.movie_position[links.row])
        return self._everybody.before(links.entity, known.rank[links.row]) - own

    def everybody(self, rank: int) -> Tally:
        """Tally of all ratings of smaller ranks, by entity."""
        entities = np.arange(len(self.relation.keys))
        return self._everybody.before(entities, np.full(len(entities), rank, np.int64))

    def of_user(self, known: QueryPositions, links: Links) -> Tally:
        """Tally of the user's known ratings of each link's entity."""
        if len(known) and len(self.log.ratings) and (known.user_position == known.user_position[0]).all():
            return self._of_one_history(int(known.user_position[0]), links)
        return self._by_user.before(self._user_key(links, known.queries.user_index), known.rank[links.row])

    def _of_one_history(self, position: int, links: Links) -> Tally:
        # One history is short: counting all of it costs less than looking up the entities of a whole catalogue.
        by_user = self.log.by_user
        events = by_user.order[by_user.first[position] : position + 1]  # none where the position is -1
        rated = Links.of(self.relation, self.log.ratings.movie_index[events])
        entities = len(self.relation.keys)
        total = np.bincount(rated.entity, self.log.residual[events][rated.row], entities)
        return Tally(np.bincount(rated.entity, minlength=entities), total).take(links.entity)

    @cached_property
    def _everybody(self) -> RunningTally:
        by_entity = np.argsort(self.relation.indices, kind="stable")
        entity = self.relation.indices[by_entity]
        movie = np.repeat(np.arange(len(self.relation.indptr) - 1), np.diff(self.relation.indptr))[by_entity]
        begin = self.log.by_movie.begin(np.arange(len(self.relation.indptr)))
        count = np.diff(begin)[movie]

        def part(links: slice) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
            link, place = in_ranges(begin[movie[links]], count[links])
            return entity[links][link], self.log.by_movie.order[place]

        return self._running(part, count, run_start(entity))

    @cached_property
    def _by_user(self) -> RunningTally:
        keys, ticks = len(self.log.dataset.user_ids) * len(self.relation.keys), len(self.log.clock.times) + 1
        if keys * ticks > np.iinfo(np.int64).max:
            raise InputError(
                f"Too much data for one machine: {len(self.log.dataset.user_ids):,} users, {len(self.relation.keys):,} "
                f"entities of a relation and {ticks:,} times; their product must stay below 9.2e18. Train on fewer users."
            )
        by_user, ratings = self.log.by_user, self.log.ratings

        def part(positions: slice) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
            events = by_user.order[positions]
            links = Links.of(self.relation, ratings.movie_index[events])
            return self._user_key(links, ratings.user_index[events]), events[links.row]

        count = np.diff(self.relation.indptr)[ratings.movie_index[by_user.order]]
        return self._running(part, count, by_user.first)

    def _running(
        self,
        part: Callable[[slice], tuple[NDArray[np.integer], NDArray[np.int64]]],
        count: NDArray[np.int64],
        first: NDArray[np.int64],
    ) -> RunningTally:
        """Tallies of keys and events, `count` of them for each place, made in parts that begin at a `first` place.

        At once they would take six times the memory of the tallies themselves.
        """
        total = np.append(0, np.cumsum(count))
        wanted = np.arange(_ROWS_A_PART, total[-1], _ROWS_A_PART)
        cuts = np.unique([0, *first[np.searchsorted(total, wanted, side="right") - 1], len(count)])

        def tallies() -> Iterator[RunningTally]:
            for begin, end in pairwise(cuts.tolist()):
                key, events = part(slice(begin, end))
                grouped = Grouped.by(key, self.log.rank[events], self.log.clock)
                yield RunningTally(grouped, self.log.residual[events])

        return RunningTally.joined(tallies(), int(total[-1]), self.log.clock)

    def _user_key(self, links: Links, user_index: NDArray[np.int32]) -> NDArray[np.int64]:
        return user_index.astype(np.int64)[links.row] * len(self.relation.keys) + links.entity


def entity_logs(dataset: Dataset) -> dict[str, EntityLog]:
    """By relation, named as in columns (`director`); get them by `dataset.derive(entity_logs)`."""
    log, relations = dataset.derive(RatingLog), dataset.movies.relations
    return {
        name.removesuffix("s"): EntityLog(log, relations[name]) for name in RELATIONS if name in relations
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
            columns[f"graph_{name}_residual"] = links.mean(tally.mean(ENTITY_SHRINKAGE))
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
        user = self.log.user_residuals.at(known.user_position).mean(GENRE_SHRINKAGE)
        by_genre = log.of_user(known, links).mean(GENRE_SHRINKAGE, user[links.row])
        return {"user_genre_mean": np.where(links.count == 0, user, links.mean(by_genre))}
