"""Events grouped by key and sorted by time: the state of each key strictly before a time, for many queries at once.

Sums are kept in fixed point (multiples of 2**-20), so that they are exact: a sum over an earlier part of the log is
the same to the last bit whatever comes later, and in whatever order it is added up.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

_SCALE = float(1 << 20)
#: Weights below this are dropped from exponentially weighted sums.
_LEAST_WEIGHT = 1e-9


def exact(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Round to multiples of 2**-20 (about a millionth): sums of up to 2**29 such ratings have no rounding error."""
    return np.round(values.astype(np.float64) * _SCALE) / _SCALE


def at(states: NDArray[Any], position: NDArray[np.int64], otherwise: float = 0.0) -> NDArray[np.float64]:
    """State at each position, `otherwise` where the position is -1; states kept as float32 come as float64."""
    if not len(states):
        return np.full(position.shape, otherwise)
    found = states[np.maximum(position, 0)]
    if found.dtype == np.float32:
        found = found.astype(np.float64)
    return np.where(position >= 0, found, otherwise)


def run_begins(*columns: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether a row is the first of a run of rows that are equal in all columns."""
    new = np.ones(len(columns[0]), bool)
    new[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    return new


def run_start(*columns: NDArray[Any]) -> NDArray[np.int64]:
    """First row of the run of each row."""
    new = run_begins(*columns)
    return np.maximum.accumulate(np.where(new, np.arange(len(new)), 0))


def in_ranges(
    begin: NDArray[np.integer], count: NDArray[np.integer]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number of the range and place of everything in ranges of places, each from `begin` on and `count` long."""
    number = np.repeat(np.arange(len(count)), count)
    return number, np.arange(len(number)) - np.repeat(np.cumsum(count) - count - begin, count)


@dataclass(frozen=True)
class Clock:
    """Times as ranks: `rank(t)` is the number of distinct event times before t."""

    times: NDArray[np.int64]
    """Distinct event times, ascending."""

    @classmethod
    def of(cls, rated_at: NDArray[np.int64]) -> "Clock":
        """The clock of a log whose times ascend."""
        return cls(rated_at[run_begins(rated_at)])

    def rank(self, at: NDArray[np.int64]) -> NDArray[np.int64]:
        """Rank of each time; events of smaller rank are strictly earlier."""
        return np.searchsorted(self.times, at, side="left")


@dataclass(frozen=True)
class Positions:
    """Where the rows of each key and time stand among rows sorted by key, then time."""

    stamp: NDArray[np.int64]
    """key * ticks + rank by position, ascending."""
    ticks: int
    """One more than the number of distinct times."""

    def begin(self, key: NDArray[np.integer], rank: NDArray[np.int64] | int = 0) -> NDArray[np.int64]:
        """Position of each key's first row of at least this rank, or where it would stand."""
        return np.searchsorted(self.stamp, key.astype(np.int64) * self.ticks + rank, side="left")

    def before(self, key: NDArray[np.integer], rank: NDArray[np.int64]) -> NDArray[np.int64]:
        """Position of each key's last row of a smaller rank, -1 where there is none."""
        position = self.begin(key, rank) - 1
        return np.where(at(self.stamp, position, -1) >= key.astype(np.int64) * self.ticks, position, -1)


@dataclass(frozen=True)
class Grouped(Positions):
    """Rows sorted by key, then time. Positions count in that order; the state of a position is that after its row."""

    order: NDArray[np.int64]
    """Row by position, shape (rows,)."""

    @classmethod
    def by(cls, key: NDArray[np.integer], rank: NDArray[np.int64], clock: Clock) -> "Grouped":
        """Sort rows by key (not negative), then rank by the log's clock; rows equal in both keep their order."""
        ticks = len(clock.times) + 1
        stamp = key.astype(np.int64) * ticks + rank
        order = np.argsort(stamp, kind="stable")
        return cls(stamp[order], ticks, order)

    @cached_property
    def first(self) -> NDArray[np.int64]:
        """Position of the first row of each position's key."""
        return run_start(self.stamp // self.ticks)

    @cached_property
    def count(self) -> NDArray[np.int64]:
        """Number of the key's rows up to each position, itself included."""
        return np.arange(len(self.order)) - self.first + 1

    def sums(self, values: NDArray[np.float64]) -> NDArray[np.float32]:
        """Running sum of each key up to each position, itself included; `values` by row, already `exact`.

        Summed exactly and rounded once, to half the memory.
        """
        running = np.cumsum(values[self.order])
        return (running - np.append(0.0, running)[self.first]).astype(np.float32)

    def decayed(self, values: NDArray[np.float64], decay: float | NDArray[np.float64]) -> NDArray[np.float64]:
        """Exponentially weighted running sum of each key: state = value + decay * previous state.

        Computed by doubling: after pass p each position holds its last 2**p values, so a few vectorised passes are
        enough, and the result depends on nothing but the key's own earlier rows. `values` stand by row; `decay` is one
        factor for every step, or by row the factor of that row's previous state.
        """
        state = values[self.order].astype(np.float64)
        steps = np.broadcast_to(np.asarray(decay, np.float64), values.shape)[self.order]
        weight = np.where(self.count > 1, steps, 0.0)
        reach = 1
        while reach < len(state):
            # By row, not by the greatest weight of all: other keys must not decide how far back this one reaches.
            weight[weight < _LEAST_WEIGHT] = 0.0
            if not weight.any():
                break
            state[reach:] += weight[reach:] * state[:-reach]
            weight[reach:] *= weight[:-reach].copy()
            weight[:reach] = 0.0
            reach *= 2
        return state


@dataclass(frozen=True)
class Tally:
    """Numbers and sums of values."""

    count: NDArray[Any]
    total: NDArray[Any]

    def mean(self, shrinkage: float, towards: NDArray[np.float64] | float = 0.0) -> NDArray[np.float64]:
        """Means, shrunken as if by `shrinkage` more values of `towards`."""
        return (self.total + shrinkage * towards) / (self.count + shrinkage)

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.count + other.count, self.total + other.total)

    def __sub__(self, other: "Tally") -> "Tally":
        return Tally(self.count - other.count, self.total - other.total)

    def take(self, rows: NDArray[np.integer]) -> "Tally":
        """The chosen rows, in the order given."""
        return Tally(self.count[rows], self.total[rows])


class RunningTally:
    """Tallies of each key's values up to each position; `values` by row, already `exact`.

    It keeps sixteen bytes a row: the tallies of entities have a row for each rating and person.
    """

    def __init__(self, grouped: Grouped, values: NDArray[np.float64]) -> None:
        self._positions = Positions(grouped.stamp, grouped.ticks)
        self._count, self._sums = grouped.count.astype(np.int32), grouped.sums(values)

    @classmethod
    def joined(cls, parts: Iterable["RunningTally"], rows: int, clock: Clock) -> "RunningTally":
        """The tallies of all parts, `rows` altogether; the keys of each part are above those of the part before."""
        tally = cls(Grouped.by(np.empty(0, np.int64), np.empty(0, np.int64), clock), np.empty(0))
        stamp = np.empty(rows, np.int64)
        tally._count, tally._sums = np.empty(rows, np.int32), np.empty(rows, np.float32)
        tally._positions = Positions(stamp, tally._positions.ticks)
        begin = 0
        for part in parts:
            place = slice(begin, begin := begin + len(part._count))
            stamp[place], tally._count[place] = part._positions.stamp, part._count
            tally._sums[place] = part._sums
        return tally

    def at(self, position: NDArray[np.int64]) -> Tally:
        """Tally up to each position, of nothing where it is -1."""
        return Tally(at(self._count, position), at(self._sums, position))

    def before(self, key: NDArray[np.integer], rank: NDArray[np.int64]) -> Tally:
        """Tally of each key's rows of smaller ranks."""
        return self.at(self._positions.before(key, rank))
