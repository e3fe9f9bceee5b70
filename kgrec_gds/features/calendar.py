"""The time of a rating as features: date parts, and the hour as a point on a circle."""

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.features.rolling_statistics import DAY, HOUR, Columns


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
    # A date without a time stands at midnight exactly: the circle's middle says "unknown".
    timed = (at % DAY != 0).astype(np.float64)
    return {
        "time_year": year.astype(np.int64) + 1970 + day_of_year / 366.0,
        "time_month": month + 1.0,
        "time_quarter": month // 3 + 1.0,
        "time_weekday": (days + 3) % 7 * 1.0,
        "time_week": day_of_year // 7 * 1.0,
        "time_hour_sin": np.sin(angle) * timed,
        "time_hour_cos": np.cos(angle) * timed,
    }
