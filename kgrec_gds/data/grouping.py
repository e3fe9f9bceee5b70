"""Events grouped by key and sorted by time: the state of each key strictly before a time, for many queries at once.

Sums are kept in fixed point (multiples of 2**-20), so that they are exact: a sum over an earlier part of the log is
the same to the last bit whatever comes later, and in whatever order it is added up.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

_SCALE = float(1 << 20)


def exact(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Round to multiples of 2**-20 (about a millionth): sums of up to 2**29 such ratings have no rounding error."""
    return np.round(values.astype(np.float64) * _SCALE) / _SCALE


@dataclass(frozen=True)
class Clock:
    """Times as ranks: `rank(t)` is the number of distinct event times before t."""

    times: NDArray[np.int64]
    """Distinct event times, ascending."""

    @classmethod
    def of(cls, rated_at: NDArray[np.int64]) -> "Clock":
        """The clock of a log whose times ascend."""
        new = np.ones(len(rated_at), bool)
        new[1:] = rated_at[1:] != rated_at[:-1]
        return cls(rated_at[new])

    def rank(self, at: NDArray[np.int64]) -> NDArray[np.int64]:
        """Rank of each time; events of smaller rank are strictly earlier."""
        return np.searchsorted(self.times, at, side="left")

    def __len__(self) -> int:
        return len(self.times)


@dataclass(frozen=True)
class Grouped:
    """Rows sorted by key, then time. Positions count in that order; the state of a position is that after its row."""

    order: NDArray[np.int64]
    """Row by position, shape (rows,)."""
    stamp: NDArray[np.int64]
    """key * ticks + rank by position, ascending."""
    ticks: int
    """One more than the number of distinct times."""

    @classmethod
    def by(cls, key: NDArray[np.integer], rank: NDArray[np.int64], clock: Clock) -> "Grouped":
        """Sort rows by key and rank; rows of the same key and time keep their order.

        Args:
            key: shape (rows,), not negative.
            rank: shape (rows,), each row's time by `clock`.
            clock: the log's clock.
        """
        ticks = len(clock) + 1
        stamp = key.astype(np.int64) * ticks + rank
        order = np.argsort(stamp, kind="stable")
        return cls(order, stamp[order], ticks)

    @cached_property
    def first(self) -> NDArray[np.int64]:
        """Position of the first row of each position's key."""
        key = self.stamp // self.ticks
        new = np.ones(len(key), bool)
        new[1:] = key[1:] != key[:-1]
        starts = np.flatnonzero(new)
        return starts[np.cumsum(new) - 1] if len(key) else np.zeros(0, np.int64)

    def before(self, key: NDArray[np.integer], rank: NDArray[np.int64]) -> NDArray[np.int64]:
        """Position of the key's last row strictly before a time, -1 where there is none.

        Args:
            key: shape (queries,).
            rank: shape (queries,), by the same clock.
        """
        floor = key.astype(np.int64) * self.ticks
        position = np.searchsorted(self.stamp, floor + rank, side="left") - 1
        if not len(self.stamp):
            return position
        return np.where(self.stamp[np.maximum(position, 0)] >= floor, position, -1)

    @cached_property
    def earlier(self) -> NDArray[np.int64]:
        """`before` for the rows themselves, by row and without a search."""
        new = np.ones(len(self.stamp), bool)
        new[1:] = self.stamp[1:] != self.stamp[:-1]
        starts = np.flatnonzero(new)
        last = starts[np.cumsum(new) - 1] - 1 if len(new) else starts
        position = np.empty(len(self.order), np.int64)
        position[self.order] = np.where(last >= self.first, last, -1)
        return position

    @cached_property
    def count(self) -> NDArray[np.int64]:
        """Number of the key's rows up to each position, itself included."""
        return np.arange(len(self.order)) - self.first + 1

    def sums(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Running sum of each key up to each position, itself included; `values` by row, already `exact`."""
        running = np.cumsum(values[self.order])
        before_key = np.concatenate([[0.0], running])[self.first] if len(running) else running
        return running - before_key

    def decayed(
        self, values: NDArray[np.float64], decay: float | NDArray[np.float64], floor: float = 1e-9
    ) -> NDArray[np.float64]:
        """Exponentially weighted running sum of each key: state = value + decay * previous state.

        Computed by doubling: after pass p each position holds its last 2**p values, so a few vectorised passes are
        enough, and the result depends on nothing but the key's own earlier rows.

        Args:
            values: by row, shape (rows,).
            decay: one factor for every step, or by row the factor of that row's previous state.
            floor: weights below this are dropped.
        """
        state = values[self.order].astype(np.float64)
        steps = np.broadcast_to(np.asarray(decay, np.float64), values.shape)[self.order]
        weight = np.where(self.count > 1, steps, 0.0)
        reach = 1
        while reach < len(state):
            # By row, not by the greatest weight of all: other keys must not decide how far back this one reaches.
            weight[weight < floor] = 0.0
            if not weight.any():
                break
            state[reach:] += weight[reach:] * state[:-reach]
            weight[reach:] *= weight[:-reach].copy()
            weight[:reach] = 0.0
            reach *= 2
        return state


def at(states: NDArray[Any], position: NDArray[np.int64], otherwise: float = 0.0) -> NDArray[np.float64]:
    """State at each position, `otherwise` where the position is -1."""
    if not len(states):
        return np.full(len(position), otherwise)
    return np.where(position >= 0, states[np.maximum(position, 0)], otherwise)
