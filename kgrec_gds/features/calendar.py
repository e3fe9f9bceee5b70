"""The time of a rating: date parts, the hour as a point on a circle, and the delay since the history ended."""

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.rating_log import QueryPositions
from kgrec_gds.features.block import Block, Columns

HOUR, DAY = 3600, 86400


class Calendar(Block):
    """Year and hour of the rating."""

    depends_on = ()

    def compute(self, known: QueryPositions) -> Columns:
        """Year with its fraction, and the hour as a point on a circle."""
        columns = calendar_columns(known.queries.at)
        return {name: columns[name] for name in ("time_year", "time_hour_sin", "time_hour_cos")}


class Delay(Block):
    """How long before the rating its history ends."""

    depends_on = ()

    def compute(self, known: QueryPositions) -> Columns:
        """log(1 + minutes)."""
        return {"delay": np.log1p(known.queries.delay / 60)}


def calendar_columns(at: NDArray[np.int64]) -> Columns:
    """Year (with its fraction), month, quarter, day of week (Monday 0), week of year (from 0), hour's sine and cosine.

    Args:
        at: epoch seconds, UTC, shape (queries,).
    """
    days = at // DAY
    dates = days.astype("datetime64[D]")
    year = dates.astype("datetime64[Y]")
    month = dates.astype("datetime64[M]").astype(np.int64) % 12
    day_of_year = (dates - year.astype("datetime64[D]")).astype(np.int64)
    angle = 2 * np.pi * (at % DAY) / (24 * HOUR)
    # A date without a time stands at midnight exactly; the centre of the circle stands for an unknown hour.
    timed = (at % DAY != 0).astype(np.float64)
    return {
        "time_year": year_with_fraction(at),
        "time_month": month + 1.0,
        "time_quarter": month // 3 + 1.0,
        "time_weekday": (days + 3) % 7 * 1.0,
        "time_week": day_of_year // 7 * 1.0,
        "time_hour_sin": np.sin(angle) * timed,
        "time_hour_cos": np.cos(angle) * timed,
    }


def year_with_fraction(at: NDArray[np.int64]) -> NDArray[np.float64]:
    """Year of each time, with the part of it that has passed."""
    dates = (at // DAY).astype("datetime64[D]")
    year = dates.astype("datetime64[Y]")
    day_of_year = (dates - year.astype("datetime64[D]")).astype(np.int64)
    fraction: NDArray[np.float64] = year.astype(np.int64) + 1970 + day_of_year / 366.0
    return fraction
