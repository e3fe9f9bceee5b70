"""What one key's (a user's, a movie's) series of ratings looked like before a moment.

The same columns are made for users and movies: count, mean, deviation, exponentially weighted means, residuals.
"""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.grouping import Grouped, at, exact
from kgrec_gds.data.rating_log import RatingLog

Columns = dict[str, NDArray[np.float64]]

HOUR, DAY = 3600, 86400
#: A gap that never happened, in days: longer than any log.
NEVER = 36500.0


def log_days(seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """log(1 + minutes): a scale on which bursts and years can both be told apart."""
    return np.log1p(np.maximum(seconds, 0) / 60.0)


class Series:
    """Running states of all keys' ratings, by position in `grouped`."""

    def __init__(self, log: RatingLog, grouped: Grouped, shrinkage: float) -> None:
        self.grouped, self.shrinkage = grouped, shrinkage
        self.rating = log.dataset.ratings.rating.astype(np.float64)
        self.residual = log.residual
        self.time = log.dataset.ratings.rated_at[grouped.order]
        self.residual_by_position = log.residual[grouped.order]
        self._states: dict[tuple[str, float], NDArray[np.float64]] = {}

    @cached_property
    def rating_sum(self) -> NDArray[np.float64]:
        """Running sum of ratings."""
        return self.grouped.sums(self.rating)

    @cached_property
    def square_sum(self) -> NDArray[np.float64]:
        """Running sum of squared ratings."""
        return self.grouped.sums(self.rating**2)

    @cached_property
    def residual_sum(self) -> NDArray[np.float64]:
        """Running sum of residuals."""
        return self.grouped.sums(self.residual)

    @cached_property
    def residual_square_sum(self) -> NDArray[np.float64]:
        """Running sum of squared residuals."""
        return self.grouped.sums(exact(self.residual**2))

    def moments(self, position: NDArray[np.int64], mean: NDArray[np.float64]) -> Columns:
        """Expanding count, mean, deviation and mean residual; a key without history has the overall mean."""
        count = at(self.grouped.count, position)
        safe = np.maximum(count, 1)
        own = np.where(count > 0, at(self.rating_sum, position) / safe, mean)
        variance = at(self.square_sum, position) / safe - own**2
        noise = at(self.residual_square_sum, position)
        return {
            "count": np.log1p(count),
            "rating_mean": own,
            "rating_std": np.where(count > 1, np.sqrt(np.maximum(variance, 0.0)), 0.0),
            "residual_mean": at(self.residual_sum, position) / (count + self.shrinkage),
            "residual_size": np.sqrt((noise + 4.0 * self.shrinkage) / (count + self.shrinkage)),
        }

    def weighted(self, position: NDArray[np.int64], mean: NDArray[np.float64], span: int) -> Columns:
        """Exponentially weighted mean rating and residual of a span counted in ratings."""
        decay = 1.0 - 2.0 / (span + 1.0)
        rating, residual, mass = (
            at(self._by_count(kind, decay), position) for kind in ("rating", "residual", "one")
        )
        own = np.where(mass > 0, rating / np.maximum(mass, 1.0), mean)
        return {f"rating_ewma{span}": own, f"residual_ewma{span}": residual / (mass + 1.0)}

    def recent(
        self, position: NDArray[np.int64], seen: NDArray[np.int64], seconds: int, name: str
    ) -> Columns:
        """Mean residual and number of ratings, each weighted by exp(-age / seconds)."""
        fading = np.exp(-self._since(position, seen) / seconds)
        residual, mass = (at(self._by_time(kind, seconds), position) * fading for kind in ("residual", "one"))
        return {f"residual_{name}": residual / (mass + 1.0), f"count_{name}": np.log1p(mass)}

    def _by_count(self, kind: str, decay: float) -> NDArray[np.float64]:
        if (key := (kind, decay)) not in self._states:
            self._states[key] = self.grouped.decayed(self._values(kind), decay)
        return self._states[key]

    def _by_time(self, kind: str, seconds: float) -> NDArray[np.float64]:
        if (key := (kind, seconds)) not in self._states:
            gap = np.diff(self.time, prepend=self.time[:1])
            decay = np.empty(len(gap))
            decay[self.grouped.order] = np.exp(-np.maximum(gap, 0) / seconds)
            self._states[key] = self.grouped.decayed(self._values(kind), decay)
        return self._states[key]

    def _values(self, kind: str) -> NDArray[np.float64]:
        return {"rating": self.rating, "residual": self.residual, "one": np.ones(len(self.rating))}[kind]

    def last(self, position: NDArray[np.int64], steps: int) -> Columns:
        """Residual of the last, second last … rating; 0 where there is none."""
        count = at(self.grouped.count, position)
        return {
            f"residual_last{step}": np.where(
                count >= step, at(self.residual_by_position, np.maximum(position - step + 1, -1)), 0.0
            )
            for step in range(1, steps + 1)
        }

    def gaps(self, position: NDArray[np.int64], seen: NDArray[np.int64]) -> Columns:
        """Logarithm of the time since the last and since the first rating."""
        first = (
            np.where(position >= 0, self.grouped.first[np.maximum(position, 0)], -1)
            if len(self.time)
            else position
        )
        return {"gap": log_days(self._since(position, seen)), "age": log_days(self._since(first, seen))}

    def _since(self, position: NDArray[np.int64], seen: NDArray[np.int64]) -> NDArray[np.float64]:
        """Seconds since the rating at each position; `NEVER` where there is none."""
        since: NDArray[np.float64] = np.where(position >= 0, seen - at(self.time, position), NEVER * DAY)
        return since
