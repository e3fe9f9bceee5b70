"""Histories as rows for the network: which steps a query may see, and the padded arrays of a batch.

A user's events stand in time order. A query with n strictly earlier events of its user belongs to piece n // chunk of
that user; its row holds the piece's steps and `burn_in` steps before them. So the context of a prediction depends on
n alone: the events of a log, predicted in bulk, and a live question at the end of it take exactly the same steps.
Steps stand first in a row and padding last; since steps are in time order, what a query may see is a prefix.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.grouping import Clock, Grouped
from kgrec_gds.data.query import Queries
from kgrec_gds.data.rating_log import RatingLog

Arrays = dict[str, NDArray[Any]]
_MEAN_RATING = 6.5
_HOUR = 3600.0


@dataclass(frozen=True)
class Histories:
    """The log by user, then time. Arrays by position in that order, shape (events,)."""

    clock: Clock
    grouped: Grouped
    movie: NDArray[np.int32]
    rated_at: NDArray[np.int64]
    rating: NDArray[np.float32]
    """Minus 6.5, halved."""
    residual: NDArray[np.float32]
    """Rating minus causal bias."""
    log_gap: NDArray[np.float32]
    """log(1 + hours since the user's rating before), a fifth of it."""

    @classmethod
    def of(cls, log: RatingLog) -> "Histories":
        """The log's events, user by user."""
        ratings, grouped = log.dataset.ratings, log.by_user
        at = ratings.rated_at[grouped.order]
        gap = np.diff(at, prepend=at[:1])
        gap[grouped.first == np.arange(len(at))] = 0
        return cls(
            clock=log.clock,
            grouped=grouped,
            movie=ratings.movie_index[grouped.order].astype(np.int32),
            rated_at=at,
            rating=((ratings.rating[grouped.order] - _MEAN_RATING) / 2).astype(np.float32),
            residual=log.residual[grouped.order].astype(np.float32),
            log_gap=(np.log1p(gap / _HOUR) / 5).astype(np.float32),
        )

    def starts(self, user_index: NDArray[np.integer]) -> NDArray[np.int64]:
        """Position of each user's first event."""
        floor = user_index.astype(np.int64) * self.grouped.ticks
        return np.searchsorted(self.grouped.stamp, floor, side="left")

    def ends(self, queries: Queries) -> NDArray[np.int64]:
        """One more than the position of each query's last strictly earlier event; its user's start where none is."""
        moment = queries.user_index.astype(np.int64) * self.grouped.ticks + self.clock.rank(queries.at)
        return np.searchsorted(self.grouped.stamp, moment, side="left")


@dataclass(frozen=True)
class Rows:
    """Queries laid out in rows. Arrays of shape (rows,), or (queries,) where said."""

    begin: NDArray[np.int64]
    """Position of the row's first step."""
    end: NDArray[np.int64]
    """One more than the position of its last step."""
    query: NDArray[np.int64]
    """(queries,) query numbers, row by row."""
    first_query: NDArray[np.int64]
    """(rows + 1,) where in `query` each row begins."""
    visible: NDArray[np.int64]
    """(queries,) by query number: steps of its row that it may see."""

    @cached_property
    def queries(self) -> NDArray[np.int64]:
        """Number of queries of each row."""
        return np.diff(self.first_query)

    def __len__(self) -> int:
        return len(self.begin)


def lay_out(histories: Histories, queries: Queries, chunk: int, burn_in: int) -> Rows:
    """Divide queries into rows, at most `chunk` queries each (ties and live candidates can be more than a piece)."""
    start, end = histories.starts(queries.user_index), histories.ends(queries)
    earlier = end - start
    piece = earlier // chunk
    order = np.lexsort((end, piece, queries.user_index))
    user, number = queries.user_index[order], piece[order]
    new = np.ones(len(order), bool)
    new[1:] = (user[1:] != user[:-1]) | (number[1:] != number[:-1])
    place = np.arange(len(order))
    within = place - np.maximum.accumulate(np.where(new, place, 0))
    first = np.flatnonzero(within % chunk == 0)
    bounds = np.append(first, len(order))
    lead = order[first]
    begin = start[lead] + np.maximum(piece[lead] * chunk - burn_in, 0)
    last = end[order[bounds[1:] - 1]] if len(first) else begin
    visible = end - (start + np.maximum(piece * chunk - burn_in, 0))
    return Rows(begin=begin, end=last, query=order, first_query=bounds, visible=visible)


def batches(
    rows: Rows, chosen: NDArray[np.integer], events: int, rng: np.random.Generator | None = None
) -> Iterator[NDArray[np.int64]]:
    """Group rows of like length into batches of about `events` queries, shuffled where `rng` is given.

    Args:
        rows: see `lay_out`.
        chosen: rows to use.
        events: padded queries a batch holds, about.
        rng: shuffles which rows come together, and the batches; without it the order is fixed.
    """
    steps, width = (rows.end - rows.begin)[chosen], rows.queries[chosen]
    noise = rng.random(len(chosen)) if rng is not None else np.zeros(len(chosen))
    # Shuffled within classes of like length: padding costs time, and the same batches every epoch cost quality.
    order = np.lexsort((noise, -(-width // 16), -(-steps // 16)))
    groups: list[NDArray[np.int64]] = []
    taken = 0
    while taken < len(order):
        room = np.maximum.accumulate(width[order[taken : taken + events]])
        fits = int(np.searchsorted(room * np.arange(1, len(room) + 1), events, side="right"))
        groups.append(np.asarray(chosen, np.int64)[order[taken : taken + max(fits, 1)]])
        taken += max(fits, 1)
    sequence = rng.permutation(len(groups)) if rng is not None else range(len(groups))
    for number in sequence:
        yield groups[number]


def step_arrays(histories: Histories, begin: NDArray[np.int64], end: NDArray[np.int64]) -> Arrays:
    """Padded arrays of the steps of rows, each (rows, steps).

    `at` is absolute here; `position` is -1 where a step is padding. Steps are padded to a multiple of 8, at least 8:
    few shapes, few traces.
    """
    length = _padded(int((end - begin).max(initial=1)))
    position = begin[:, None] + np.arange(length)  # (rows, steps)
    real = position < end[:, None]
    if not len(histories.movie):
        position = np.zeros_like(position)
    position = np.where(real, position, 0)
    columns = ("movie", "residual", "rating", "log_gap", "rated_at")
    steps: Arrays = {name: np.where(real, _pick(getattr(histories, name), position), 0) for name in columns}
    steps["at"] = steps.pop("rated_at")
    steps["position"] = np.where(real, position, -1)
    return steps


def row_arrays(
    histories: Histories, rows: Rows, chosen: NDArray[np.int64], queries: Queries
) -> tuple[Arrays, Arrays, NDArray[np.int64]]:
    """Steps and queries of some rows, padded.

    Returns:
        steps (rows, steps), queries (rows, q) without their features, and the number of the query in each place
        (rows, q), -1 where it is padding.
    """
    steps = step_arrays(histories, rows.begin[chosen], rows.end[chosen])
    width = _padded(int(rows.queries[chosen].max(initial=1)))
    place = rows.first_query[chosen][:, None] + np.arange(width)  # (rows, q)
    real = place < rows.first_query[chosen + 1][:, None]
    number = np.where(real, rows.query[np.where(real, place, 0)], -1)
    asked: Arrays = {
        "movie": np.where(real, queries.movie_index[number], 0).astype(np.int32),
        "visible": np.where(real, rows.visible[number], 0).astype(np.int32),
        "at": np.where(real, queries.at[number], 0),
    }
    # Seconds count from the row's first query, whole: 68 years fit into 32 bits, and differences are exact.
    base = asked["at"][:, :1]
    asked["at"] = np.where(real, asked["at"] - base, 0).astype(np.int32)
    steps["at"] = np.where(steps["position"] >= 0, steps["at"] - base, 0).astype(np.int32)
    return steps, asked, number


def _padded(length: int) -> int:
    return max(-(-length // 8) * 8, 8)


def _pick(values: NDArray[Any], position: NDArray[np.int64]) -> NDArray[Any]:
    return values[position] if len(values) else np.zeros(position.shape, values.dtype)
