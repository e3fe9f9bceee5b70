"""The ratings by user and time, so that what a user had rated before a moment is one slice."""

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Ratings
from kgrec_gds.data.grouping import Clock, Grouped


class HistoryIndex:
    """All ratings ordered by user, then time; a history strictly before a moment is `order[start:end]`."""

    def __init__(self, ratings: Ratings) -> None:
        self._clock = Clock.of(ratings.rated_at)
        self._grouped = Grouped.by(ratings.user_index, self._clock.rank(ratings.rated_at), self._clock)

    @property
    def order(self) -> NDArray[np.int64]:
        """Event rows by user, then time, shape (events,)."""
        return self._grouped.order

    def slices(
        self, user_index: NDArray[np.integer], at: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """First and past-the-last place in `order` of each user's ratings strictly before `at`."""
        floor = user_index.astype(np.int64) * self._grouped.ticks
        stamp = self._grouped.stamp
        return np.searchsorted(stamp, floor), np.searchsorted(stamp, floor + self._clock.rank(at))
