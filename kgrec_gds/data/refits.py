"""When models of the past are fitted again: whenever the log has grown by a factor, so that the past alone decides."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class FitPoint:
    """One fit: the events it reads, and the time from which it is known."""

    events: int
    """Number of events, from the first on, that it is fitted on; all are strictly before `known_from`."""
    known_from: int
    """First time at which it is known, in epoch seconds."""


def fit_points(rated_at: NDArray[np.int64], first: int, growth: float) -> Iterator[FitPoint]:
    """The fits of a log, in time order.

    Args:
        rated_at: time of each event, ascending.
        first: number of events at the first fit, and the least number between two fits.
        growth: a fit is made when the log has grown by this factor.
    """
    size = first
    while size <= len(rated_at):
        last = int(rated_at[size - 1])
        # Known a second later, so that a fit never reads ratings of the query's own time.
        events = int(np.searchsorted(rated_at, last, side="right"))
        yield FitPoint(events, last + 1)
        size = max(int(events * growth), events + first)
