"""The rating log made ready for questions about the past: grouped by user and movie, with residuals."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.baseline_estimates import Biases, BiasSettings, Queries, causal_biases, residuals
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.grouping import Clock, Grouped


@dataclass(frozen=True)
class RatingLog:
    """A data set's ratings, each with its causal residual: what it said beyond what was expected of it."""

    dataset: Dataset
    bias_settings: BiasSettings

    @property
    def sizes(self) -> tuple[int, int]:
        """Number of users and of movies, padding included."""
        return len(self.dataset.user_ids), len(self.dataset.movies)

    @cached_property
    def clock(self) -> Clock:
        """Ranks of moments."""
        return Clock.of(self.dataset.ratings.rated_at)

    @cached_property
    def rank(self) -> NDArray[np.int64]:
        """Moment of each event, shape (events,)."""
        return self.clock.rank(self.dataset.ratings.rated_at)

    @cached_property
    def biases(self) -> Biases:
        """Causal bias of every event at its own time."""
        ratings = self.dataset.ratings
        return causal_biases(ratings, self.sizes, Queries.of(ratings), self.bias_settings)

    @cached_property
    def residual(self) -> NDArray[np.float64]:
        """Rating minus causal bias of every event, shape (events,)."""
        return residuals(self.dataset.ratings, self.biases)

    @cached_property
    def by_user(self) -> Grouped:
        """Events of each user in time order."""
        return Grouped.by(self.dataset.ratings.user_index, self.rank, self.clock)

    @cached_property
    def by_movie(self) -> Grouped:
        """Events of each movie in time order."""
        return Grouped.by(self.dataset.ratings.movie_index, self.rank, self.clock)


@dataclass(frozen=True)
class Asked:
    """Queries with their place in the log. Each array has shape (queries,)."""

    queries: Queries
    seen: NDArray[np.int64]
    """Moment up to which history counts: `queries.at` less the delay."""
    rank: NDArray[np.int64]
    """Rank of `seen`."""
    user_position: NDArray[np.int64]
    """Position in `log.by_user` of the user's last rating strictly before `seen`, -1 where there is none."""
    movie_position: NDArray[np.int64]
    """Likewise in `log.by_movie`."""
    events: bool = False
    """Whether the queries are the log's events themselves, each at its own time: then nothing needs a search."""

    @classmethod
    def of(cls, log: RatingLog, queries: Queries, delay: int = 0) -> "Asked":
        """Look the queries up."""
        seen = queries.at - delay
        ratings = log.dataset.ratings
        events = (ratings.user_index, ratings.movie_index, ratings.rated_at)
        asked = (queries.user_index, queries.movie_index, queries.at)
        if not delay and all(one is other for one, other in zip(asked, events, strict=True)):
            return cls(queries, seen, log.rank, log.by_user.earlier, log.by_movie.earlier, events=True)
        rank = log.clock.rank(seen)
        user_position = log.by_user.before(queries.user_index, rank)
        return cls(queries, seen, rank, user_position, log.by_movie.before(queries.movie_index, rank))

    def __len__(self) -> int:
        return len(self.queries)
