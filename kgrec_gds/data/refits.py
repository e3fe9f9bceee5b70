"""When parameters of the past are fitted afresh: whenever the log has grown by a factor. The past alone decides."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class FitPoint:
    """One fit: on which events, and from when on it may be used."""

    events: int
    """Number of events at the log's beginning that it is fitted on; all are strictly before `since`."""
    since: int
    """First moment at which it is known, in epoch seconds."""


def fit_points(rated_at: NDArray[np.int64], first: int, growth: float) -> Iterator[FitPoint]:
    """The points of a log, in time order.

    Args:
        rated_at: moment of each event, ascending.
        first: number of events at the first fit, and the least between two.
        growth: a fit is made when the log has grown by this factor.
    """
    size = first
    while size <= len(rated_at):
        moment = int(rated_at[size - 1])
        # Known once that moment is over: so the point does not depend on ratings at the query's own moment.
        events = int(np.searchsorted(rated_at, moment, side="right"))
        yield FitPoint(events, moment + 1)
        size = max(int(events * growth), events + first)
