"""The time of a rating: its year, the hour as a point on a circle, and the delay since the history ended."""

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
        return calendar_columns(known.queries.at)


class Delay(Block):
    """How long before the rating its history ends."""

    depends_on = ()

    def compute(self, known: QueryPositions) -> Columns:
        """log(1 + minutes)."""
        return {"delay": np.log1p(known.queries.delay / 60)}


def calendar_columns(at: NDArray[np.int64]) -> Columns:
    """Year with its fraction, and sine and cosine of the hour; `at` in epoch seconds, UTC."""
    angle = 2 * np.pi * (at % DAY) / DAY
    # A date without a time stands at midnight exactly; the centre of the circle stands for an unknown hour.
    timed = (at % DAY != 0).astype(np.float64)
    year = calendar_year(at) + day_of_year(at) / 366.0
    return {"time_year": year, "time_hour_sin": np.sin(angle) * timed, "time_hour_cos": np.cos(angle) * timed}


def calendar_year(at: NDArray[np.int64]) -> NDArray[np.int64]:
    """The year, e.g. 1995."""
    return at.astype("datetime64[s]").astype("datetime64[Y]").astype(np.int64) + 1970


def day_of_year(at: NDArray[np.int64]) -> NDArray[np.int64]:
    """The day of the year, from 0."""
    days = at.astype("datetime64[s]").astype("datetime64[D]")
    return (days - days.astype("datetime64[Y]")).astype(np.int64)
