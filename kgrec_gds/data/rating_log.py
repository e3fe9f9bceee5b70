"""The rating log indexed for queries about the past: grouped by user and by movie, with residuals."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.baseline_estimates import BaselineEstimates, baseline_estimates
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.grouping import Clock, Grouped, exact
from kgrec_gds.data.query import Queries


class RatingLog:
    """A data set's ratings by user, by movie and by time; get it by `dataset.derive(RatingLog)`."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset, self.ratings = dataset, dataset.ratings

    @cached_property
    def clock(self) -> Clock:
        """Ranks of the times at which there are ratings."""
        return Clock.of(self.ratings.rated_at)

    @cached_property
    def rank(self) -> NDArray[np.int64]:
        """Rank of each event's time, shape (events,)."""
        return self.clock.rank(self.ratings.rated_at)

    @cached_property
    def baseline(self) -> BaselineEstimates:
        """Baseline estimate of every event as of its own time."""
        return baseline_estimates(self.dataset, Queries.of(self.ratings))

    @cached_property
    def residual(self) -> NDArray[np.float64]:
        """Rating minus baseline estimate of every event, shape (events,), in fixed point so that sums are exact."""
        return exact(self.ratings.rating - self.baseline.total)

    @cached_property
    def by_user(self) -> Grouped:
        """Events of each user in time order."""
        return Grouped.by(self.ratings.user_index, self.rank, self.clock)

    @cached_property
    def by_movie(self) -> Grouped:
        """Events of each movie in time order."""
        return Grouped.by(self.ratings.movie_index, self.rank, self.clock)

    def are_events(self, queries: Queries) -> bool:
        """Whether these are `Queries.of(dataset.ratings)`, for which nothing needs to be looked up."""
        events = Queries.of(self.ratings)
        return all(a is b for a, b in zip(vars(queries).values(), vars(events).values(), strict=True))


@dataclass(frozen=True)
class QueryPositions:
    """What of the log is known to each query. Each array has shape (queries,)."""

    queries: Queries
    rank: NDArray[np.int64]
    """Rank of `known_until`."""
    user_position: NDArray[np.int64]
    """Position in `log.by_user` of the user's last rating strictly before `known_until`, -1 where there is none."""
    movie_position: NDArray[np.int64]
    """Likewise in `log.by_movie`."""
    events: bool = False
    """Whether the queries are the log's events themselves, each at its own time."""

    @classmethod
    def of(cls, log: RatingLog, queries: Queries) -> "QueryPositions":
        """Look the queries up."""
        if log.are_events(queries):
            return cls(queries, log.rank, log.by_user.earlier, log.by_movie.earlier, events=True)
        rank = log.clock.rank(queries.known_until)
        user_position = log.by_user.before(queries.user_index, rank)
        return cls(queries, rank, user_position, log.by_movie.before(queries.movie_index, rank))

    def __len__(self) -> int:
        return len(self.queries)
