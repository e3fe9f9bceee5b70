"""Queries: the user, movie and time that a model is asked about, and how much history it may see."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Ratings


@dataclass(frozen=True)
class Queries:
    """One query a row; each array has shape (queries,)."""

    user_index: NDArray[np.int32]
    """0 is a user without any history."""
    movie_index: NDArray[np.int32]
    at: NDArray[np.int64]
    """Time of the rating that is predicted, epoch seconds UTC; elapsed times are measured to it."""
    known_until: NDArray[np.int64]
    """Only ratings strictly before this time are history; never later than `at`."""

    @classmethod
    def of(cls, ratings: Ratings) -> "Queries":
        """Every rating as a query at its own time, with all history strictly before it."""
        return cls(ratings.user_index, ratings.movie_index, ratings.rated_at, ratings.rated_at)

    @classmethod
    def at_time(
        cls, user_index: NDArray[np.int32], movie_index: NDArray[np.int32], now: int, delay: int = 0
    ) -> "Queries":
        """Queries made at one time about ratings that follow `delay` seconds later."""
        known_until = np.full(len(user_index), now, np.int64)
        return cls(user_index, movie_index, known_until + delay, known_until)

    def delayed(self, seconds: int | NDArray[np.int64]) -> "Queries":
        """The same ratings, queried this long before: the history ends `seconds` before each."""
        return replace(self, known_until=self.at - seconds)

    @property
    def delay(self) -> NDArray[np.int64]:
        """Seconds from the end of the history to the rating."""
        return self.at - self.known_until

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_] | slice) -> "Queries":
        """The chosen rows, in the order given."""
        return Queries(self.user_index[rows], self.movie_index[rows], self.at[rows], self.known_until[rows])

    def __len__(self) -> int:
        return len(self.at)


def event_rows(ratings: Ratings, queries: Queries) -> NDArray[np.int64]:
    """Rows of the ratings that queries ask about, for features that exist for given ratings only; shape (queries,).

    Raises:
        KeyError: a query that is no rating of the data set.
    """
    key, wanted = (rows.movie_index.astype(np.int64) << 32 | rows.user_index for rows in (ratings, queries))
    if not np.isin(wanted, key).all():
        raise KeyError("a query about a movie that its user has not rated")
    order = np.argsort(key, kind="stable")
    return order[np.searchsorted(key[order], wanted)]
