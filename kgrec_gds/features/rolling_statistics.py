"""Rolling statistics of a user's and of a movie's residuals: counts, means, sizes and weighted means."""

from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.grouping import Grouped, RunningTally, at, exact
from kgrec_gds.data.rating_log import QueryPositions
from kgrec_gds.features.block import Block, Columns
from kgrec_gds.features.calendar import DAY, HOUR

SHRINKAGE = 5.0
_RESIDUAL_VARIANCE = 4.0
#: Seconds since a rating that never was: longer than any log.
_NEVER = 36500 * DAY


class RollingStatistics(Block):
    """Statistics of the ratings so far of the one side (user or movie) that the block depends on."""

    spans: ClassVar[tuple[int, ...]]
    """Spans of the exponentially weighted means, in ratings."""
    time_constants: ClassVar[dict[str, int]]
    """Time constants of the mean residuals and counts that fade with time, in seconds."""
    last: ClassVar[int]
    """Number of the latest residuals that are columns of their own."""

    def compute(self, known: QueryPositions) -> Columns:
        """All statistics; ages are measured to the time of the rating that is predicted."""
        (side,) = self.depends_on
        position = known.user_position if side == "user" else known.movie_position
        tally, squares = self._residuals.at(position), self._squares.at(position)
        columns = {
            "count": np.log1p(tally.count),
            "residual_mean": tally.mean(SHRINKAGE),
            "residual_size": np.sqrt(squares.mean(SHRINKAGE, _RESIDUAL_VARIANCE)),
        }
        gap = self._seconds_since(position, known)
        for name, sums in self._weighted.items():
            fades = np.exp(-gap / self.time_constants[name]) if name in self.time_constants else 1.0
            residual, mass = (at(running, position) * fades for running in sums)
            columns[f"residual_{name}"] = residual / (mass + 1.0)
            if name in self.time_constants:
                columns[f"count_{name}"] = np.log1p(mass)
        for back in range(self.last):
            residual = at(self._residual, np.maximum(position - back, -1))
            columns[f"residual_last{back + 1}"] = np.where(tally.count > back, residual, 0.0)
        first = at(self._grouped.first, position, -1).astype(np.int64)
        columns["gap"] = _log_minutes(gap)
        columns["age"] = _log_minutes(self._seconds_since(first, known))
        return {f"{side}_{name}": values for name, values in columns.items()}

    def sums(self, position: NDArray[np.int64]) -> Columns:
        """What the statistics at each position are made of, before they fade until a query."""
        tally, squares = self._residuals.at(position), self._squares.at(position)
        first = at(self._grouped.first, position, -1).astype(np.int64)
        columns = {
            "count": tally.count,
            "residual": tally.total,
            "square": squares.total,
            "last": at(self._residual, position),
            "first_at": at(self._time, first),
            "last_at": at(self._time, position),
        }
        for name, sums in self._weighted.items():
            columns[f"{name}_residual"], columns[f"{name}_mass"] = (at(each, position) for each in sums)
        return columns

    def _seconds_since(self, position: NDArray[np.int64], known: QueryPositions) -> NDArray[np.float64]:
        return np.where(position >= 0, known.queries.at - at(self._time, position), _NEVER)

    @cached_property
    def _residuals(self) -> RunningTally:
        return self.log.user_residuals if self.depends_on == ("user",) else self.log.movie_residuals

    @property
    def _grouped(self) -> Grouped:
        return self.log.by_user if self.depends_on == ("user",) else self.log.by_movie

    @cached_property
    def _squares(self) -> RunningTally:
        return RunningTally(self._grouped, exact(self.log.residual**2))

    @cached_property
    def _time(self) -> NDArray[np.int64]:
        return self.log.ratings.rated_at[self._grouped.order]

    @cached_property
    def _residual(self) -> NDArray[np.float64]:
        return self.log.residual[self._grouped.order]

    @cached_property
    def _weighted(self) -> dict[str, tuple[NDArray[np.float32], ...]]:
        """Weighted running sums of residual and of 1, by name: by numbers of ratings, and by time up to the latest."""
        gap = np.empty(len(self._time), np.int64)
        gap[self._grouped.order] = np.maximum(np.diff(self._time, prepend=self._time[:1]), 0)
        decays: dict[str, float | NDArray[np.float64]] = {
            f"ewma{span}": 1 - 2 / (span + 1) for span in self.spans
        }
        decays |= {name: np.exp(-gap / seconds) for name, seconds in self.time_constants.items()}
        values = self.log.residual, np.ones(len(gap))
        return {
            name: tuple(self._grouped.decayed(each, decay).astype(np.float32) for each in values)
            for name, decay in decays.items()
        }


class UserStatistics(RollingStatistics):
    """Rolling statistics of the user's ratings."""

    depends_on = ("user",)
    spans = (5, 10, 30)
    time_constants: ClassVar[dict[str, int]] = {"minutes": 600, "hour": HOUR, "day": DAY, "month": 30 * DAY}
    last = 5


class MovieStatistics(RollingStatistics):
    """Rolling statistics of the movie's ratings."""

    depends_on = ("movie",)
    spans = (20,)
    time_constants: ClassVar[dict[str, int]] = {"week": 7 * DAY, "year": 365 * DAY}
    last = 1


def _log_minutes(seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """log(1 + minutes): a scale on which bursts and years can both be distinguished."""
    return np.log1p(np.maximum(seconds, 0) / 60.0)
