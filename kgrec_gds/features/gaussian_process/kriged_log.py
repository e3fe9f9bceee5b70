"""Kriging of the log's own events, each at its own time.

Where an event is asked for is where it stands as a step, so one factorisation of a piece answers all its events. Only
those that share a moment with an earlier step of their user stand beside the steps: they must not see that one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.rating_log import QueryPositions
from kgrec_gds.features.gaussian_process.kernel import CELLS, Covariance
from kgrec_gds.features.gaussian_process.pieces import Pieces
from kgrec_gds.features.gaussian_process.posterior import conditional_means

#: Events of a piece: where thousands share a moment, one matrix for all of them would be huge.
_MOST = 128


@dataclass(frozen=True)
class KrigedLog:
    """The log's events as points of their pieces: first the steps, then the events that stand beside them."""

    covariance: Covariance
    asked: QueryPositions

    @cached_property
    def pieces(self) -> Pieces:
        """Of the events with a history."""
        log, before = self.covariance.log, self.asked.user_position
        rows = log.by_user.order[before[log.by_user.order] >= 0]
        fit = self.covariance.taste.fit_of(self.asked.queries.known_until[rows])
        return Pieces.of(log, self.covariance.settings, rows, before[rows], fit, most=_MOST)

    @cached_property
    def _steps(self) -> NDArray[np.int64]:
        """By piece: to the step after the last that is seen, which is the event that sees it."""
        return self.pieces.end + 2 - self.pieces.begin

    @cached_property
    def _point(self) -> NDArray[np.int64]:
        """By event."""
        pieces, count = self.pieces, self.pieces.high - self.pieces.low
        step = pieces.position + 1 - np.repeat(pieces.begin, count)
        # Events beside steps before this one, in all and of its piece.
        before = np.cumsum(self._beside, dtype=np.int64) - self._beside
        number = before - np.repeat(before[pieces.low], count)
        return np.where(self._beside, np.repeat(self._steps, count) + number, step)

    @cached_property
    def _beside(self) -> NDArray[np.bool_]:
        """By event, whether it stands beside the steps."""
        order = self.covariance.log.by_user.order
        return order[self.pieces.position + 1] != self.pieces.rows

    def batches(self) -> Iterator[NDArray[np.int64]]:
        """Pieces of about as many points, as many as fit the cache."""
        if not len(self.pieces):
            return
        points = self._steps + np.add.reduceat(self._beside, self.pieces.low, dtype=np.int64)
        few = np.maximum(np.exp2(np.floor(np.log2(points)) - 3), 1).astype(np.int64)
        size = -(-points // few) * few  # at most an eighth more
        order = np.argsort(size, kind="stable")
        for same in np.split(order, np.flatnonzero(np.diff(size[order])) + 1):
            many = max(int(CELLS // (size[same[0]] + 1) ** 2), 1)
            yield from (same[low : low + many] for low in range(0, len(same), many))

    def answer(self, batch: NDArray[np.int64], found: NDArray[np.float64]) -> None:
        """Write the expected residuals of some pieces' events to `found`, (columns, events)."""
        log, pieces = self.covariance.log, self.pieces
        count = pieces.high[batch] - pieces.low[batch]
        piece = np.repeat(np.arange(len(batch)), count)
        asked = np.arange(len(piece)) + np.repeat(pieces.low[batch] - (np.cumsum(count) - count), count)
        rows, begin, point = pieces.rows[asked], pieces.begin[batch][:, None], self._point[asked]
        place = begin + np.arange(max(int(self._steps[batch].max()), int(point.max()) + 1))
        step = place < begin + self._steps[batch][:, None]  # (pieces, points)
        # Behind a piece's own points stand any: none of its own sees them.
        events = log.by_user.order[np.where(step, place, begin)]
        visible = place - begin
        after = pieces.position[asked] + 1
        visible[piece, point] = after - begin[piece, 0]
        events[piece, point], place[piece, point] = rows, after
        ratings = log.dataset.ratings
        points = self.covariance.sights(
            pieces.fit[batch], place, ratings.rated_at[events], ratings.movie_index[events],
            self.covariance.seen[events],
        )  # fmt: skip
        said = log.residual[events] * step
        for level, among in enumerate(self.covariance.between(points, points)):
            found[level, rows] = conditional_means(among, said, visible)[piece, point]
