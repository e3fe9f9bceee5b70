"""Rolling statistics of a user's and of a movie's ratings: counts, means, deviations and weighted mean residuals."""

from abc import abstractmethod
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.grouping import Grouped, at, exact
from kgrec_gds.data.rating_log import QueryPositions
from kgrec_gds.features.block import Block, Columns
from kgrec_gds.features.calendar import DAY, HOUR

SHRINKAGE = 5.0
_RESIDUAL_VARIANCE = 4.0
#: Days since a rating that never was: longer than any log.
_NEVER = 36500.0


class RollingStatistics(Block):
    """Statistics of one key (a user or a movie) from its ratings so far."""

    prefix: ClassVar[str]
    spans: ClassVar[tuple[int, ...]]
    """Spans of the exponentially weighted means, in ratings."""
    time_constants: ClassVar[dict[str, int]]
    """Time constants of the mean residuals and counts that fade with time, in seconds."""
    last: ClassVar[int]
    """Number of the latest residuals that are columns of their own."""

    @property
    @abstractmethod
    def grouped(self) -> Grouped:
        """The log by key."""

    @abstractmethod
    def position(self, known: QueryPositions) -> NDArray[np.int64]:
        """Position in `grouped` of each key's last known rating, -1 where there is none."""

    def compute(self, known: QueryPositions) -> Columns:
        """All statistics; ages are measured to the time of the rating that is predicted."""
        position = self.position(known)
        columns = self._expanding(position)
        for span in self.spans:
            columns[f"residual_ewma{span}"] = self._weighted(position, span)
        age = self._seconds_since(position, known.queries.at)
        for name, seconds in self.time_constants.items():
            columns |= self._fading(position, age, seconds, name)
        for step in range(1, self.last + 1):
            columns[f"residual_last{step}"] = self._last_residual(position, step)
        first = at(self.grouped.first, position, -1).astype(np.int64)
        columns["gap"] = _log_minutes(age)
        columns["age"] = _log_minutes(self._seconds_since(first, known.queries.at))
        return {f"{self.prefix}_{name}": values for name, values in columns.items()}

    def _expanding(self, position: NDArray[np.int64]) -> Columns:
        residuals, squares = self._sums
        count = at(self.grouped.count, position)
        size = (at(squares, position) + _RESIDUAL_VARIANCE * SHRINKAGE) / (count + SHRINKAGE)
        return {
            "count": np.log1p(count),
            "residual_mean": at(residuals, position) / (count + SHRINKAGE),
            "residual_size": np.sqrt(size),
        }

    def _weighted(self, position: NDArray[np.int64], span: int) -> NDArray[np.float64]:
        residual, mass = (at(state, position) for state in self._decayed_by_count[span])
        return residual / (mass + 1.0)

    def _fading(
        self, position: NDArray[np.int64], age: NDArray[np.float64], seconds: int, name: str
    ) -> Columns:
        residual, mass = (
            at(state, position) * np.exp(-age / seconds) for state in self._decayed_by_time[seconds]
        )
        return {f"residual_{name}": residual / (mass + 1.0), f"count_{name}": np.log1p(mass)}

    def _last_residual(self, position: NDArray[np.int64], step: int) -> NDArray[np.float64]:
        there = at(self.grouped.count, position) >= step
        return np.where(there, at(self._residual, np.maximum(position - step + 1, -1)), 0.0)

    def _seconds_since(self, position: NDArray[np.int64], time: NDArray[np.int64]) -> NDArray[np.float64]:
        since: NDArray[np.float64] = np.where(position >= 0, time - at(self._time, position), _NEVER * DAY)
        return since

    @cached_property
    def _time(self) -> NDArray[np.int64]:
        return self.log.ratings.rated_at[self.grouped.order]

    @cached_property
    def _residual(self) -> NDArray[np.float64]:
        return self.log.residual[self.grouped.order]

    @cached_property
    def _values(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Residual and 1 of every event."""
        return self.log.residual, np.ones(len(self.log.residual))

    @cached_property
    def _sums(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Running sums of residuals and of their squares."""
        residual = self.log.residual
        return self.grouped.sums(residual), self.grouped.sums(exact(residual**2))

    @cached_property
    def _decayed_by_count(self) -> dict[int, tuple[NDArray[np.float64], ...]]:
        """By span, exponentially weighted sums of the values."""
        return {
            span: tuple(self.grouped.decayed(values, 1 - 2 / (span + 1)) for values in self._values)
            for span in self.spans
        }

    @cached_property
    def _decayed_by_time(self) -> dict[int, tuple[NDArray[np.float64], ...]]:
        """By time constant, sums of residual and of 1, each weighted by exp(-age / seconds)."""
        gap = np.empty(len(self._time), np.int64)
        gap[self.grouped.order] = np.maximum(np.diff(self._time, prepend=self._time[:1]), 0)
        return {
            seconds: tuple(self.grouped.decayed(values, np.exp(-gap / seconds)) for values in self._values)
            for seconds in self.time_constants.values()
        }


class UserStatistics(RollingStatistics):
    """Rolling statistics of the user's ratings."""

    depends_on = ("user",)
    prefix = "user"
    spans = (5, 10, 30)
    time_constants: ClassVar[dict[str, int]] = {"minutes": 600, "hour": HOUR, "day": DAY, "month": 30 * DAY}
    last = 5

    @property
    def grouped(self) -> Grouped:
        """The log by user."""
        return self.log.by_user

    def position(self, known: QueryPositions) -> NDArray[np.int64]:
        """Position of the user's last known rating."""
        return known.user_position


class MovieStatistics(RollingStatistics):
    """Rolling statistics of the movie's ratings."""

    depends_on = ("movie",)
    prefix = "movie"
    spans = (20,)
    time_constants: ClassVar[dict[str, int]] = {"week": 7 * DAY, "year": 365 * DAY}
    last = 1

    @property
    def grouped(self) -> Grouped:
        """The log by movie."""
        return self.log.by_movie

    def position(self, known: QueryPositions) -> NDArray[np.int64]:
        """Position of the movie's last known rating."""
        return known.movie_position


def _log_minutes(seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """log(1 + minutes): a scale on which bursts and years can both be distinguished."""
    return np.log1p(np.maximum(seconds, 0) / 60.0)
