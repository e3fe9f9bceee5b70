"""The rating log indexed for queries about the past: grouped by user and by movie, with residuals."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.baseline_estimates import BaselineEstimates, baseline_estimates
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.grouping import Clock, Grouped, RunningTally, exact
from kgrec_gds.data.query import Queries

Derived = TypeVar("Derived")

#: Larger residuals in a history count as this: one rating far from all others must not move every prediction by a point.
MOST_RESIDUAL = 4.0


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
    def events(self) -> "QueryPositions":
        """Every event as a query at its own time."""
        return QueryPositions(self, Queries.of(self.ratings))

    @cached_property
    def residual(self) -> NDArray[np.float64]:
        """Rating minus baseline estimate of every event, within `MOST_RESIDUAL`; shape (events,).

        In fixed point, so that sums are exact.
        """
        residual = exact(self.ratings.rating - self.events.baseline.total)
        return np.clip(residual, -MOST_RESIDUAL, MOST_RESIDUAL)

    @cached_property
    def by_user(self) -> Grouped:
        """Events of each user in time order."""
        return Grouped.by(self.ratings.user_index, self.rank, self.clock)

    @cached_property
    def by_movie(self) -> Grouped:
        """Events of each movie in time order."""
        return Grouped.by(self.ratings.movie_index, self.rank, self.clock)

    @cached_property
    def user_residuals(self) -> RunningTally:
        """Numbers and sums of each user's residuals, by position in `by_user`."""
        return RunningTally(self.by_user, self.residual)

    @cached_property
    def movie_residuals(self) -> RunningTally:
        """Numbers and sums of each movie's residuals, by position in `by_movie`."""
        return RunningTally(self.by_movie, self.residual)


class QueryPositions:
    """Queries and what of the log is known to each. Each array has shape (queries,)."""

    def __init__(self, log: RatingLog, queries: Queries) -> None:
        self.log, self.queries = log, queries
        self._derived: dict[Any, Any] = {}

    def __len__(self) -> int:
        return len(self.queries)

    def derive(self, make: Callable[["QueryPositions"], Derived]) -> Derived:
        """Return `make(self)`, computed once."""
        if make not in self._derived:
            self._derived[make] = make(self)
        derived: Derived = self._derived[make]
        return derived

    @cached_property
    def rank(self) -> NDArray[np.int64]:
        """Rank of `known_until`."""
        return self.log.clock.rank(self.queries.known_until)

    @cached_property
    def user_position(self) -> NDArray[np.int64]:
        """Position in `log.by_user` of the user's last rating before `known_until`, -1 where there is none."""
        return self.log.by_user.before(self.queries.user_index, self.rank)

    @cached_property
    def movie_position(self) -> NDArray[np.int64]:
        """Position in `log.by_movie` of the movie's last rating before `known_until`, -1 where there is none."""
        return self.log.by_movie.before(self.queries.movie_index, self.rank)

    @cached_property
    def baseline(self) -> BaselineEstimates:
        """Baseline estimates."""
        return baseline_estimates(self.log.dataset, self.queries)
