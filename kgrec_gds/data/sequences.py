"""Histories as padded sequences: the steps that each query may see, and the arrays of a batch.

A user's ratings stand in time order. A query with n visible ratings belongs to block n // `block` of its user; its row
holds the steps of that block and the `burn_in` steps before them. What a prediction reads therefore depends on n alone:
the ratings of a log, predicted in bulk, and a live query take exactly the same steps. Steps come first in a row and
padding last; steps are in time order, so what a query may see is a prefix of its row.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.grouping import at, run_start
from kgrec_gds.data.query import Queries
from kgrec_gds.data.rating_log import RatingLog

Arrays = dict[str, NDArray[Any]]
_MEAN_RATING = 6.5
_HOUR = 3600.0
_STEP_COLUMNS = ("movie", "residual", "rating", "log_gap", "rated_at")


@dataclass(frozen=True)
class Histories:
    """All ratings by user, then time. Arrays by position in that order, shape (events,)."""

    log: RatingLog
    movie: NDArray[np.int32]
    rated_at: NDArray[np.int64]
    rating: NDArray[np.float32]
    """(rating - 6.5) / 2."""
    residual: NDArray[np.float32]
    """Rating minus baseline estimate."""
    log_gap: NDArray[np.float32]
    """log(1 + hours since the user's previous rating) / 5."""

    @classmethod
    def of(cls, dataset: Dataset) -> "Histories":
        """The histories of a data set; take them by `dataset.derive(Histories.of)`."""
        log = dataset.derive(RatingLog)
        order, first = log.by_user.order, log.by_user.first
        ratings = log.ratings.take(order)
        gap = np.diff(ratings.rated_at, prepend=ratings.rated_at[:1])
        gap[first == np.arange(len(gap))] = 0
        return cls(
            log,
            movie=ratings.movie_index,
            rated_at=ratings.rated_at,
            rating=((ratings.rating - _MEAN_RATING) / 2).astype(np.float32),
            residual=log.residual[order].astype(np.float32),
            log_gap=(np.log1p(gap / _HOUR) / 5).astype(np.float32),
        )

    def starts(self, user_index: NDArray[np.integer]) -> NDArray[np.int64]:
        """Position of each user's first rating."""
        return self.log.by_user.begin(user_index)

    def ends(self, queries: Queries) -> NDArray[np.int64]:
        """Position after each query's last visible rating; its user's start where none is visible."""
        return self.log.by_user.begin(queries.user_index, self.log.clock.rank(queries.known_until))


@dataclass(frozen=True)
class Rows:
    """Queries laid out in rows."""

    begin: NDArray[np.int64]
    """Shape (rows,): position of the row's first step."""
    end: NDArray[np.int64]
    """Shape (rows,): position after its last step."""
    query: NDArray[np.int64]
    """Shape (queries,): query numbers, row by row."""
    first_query: NDArray[np.int64]
    """Shape (rows + 1,): where in `query` each row begins."""
    visible: NDArray[np.int64]
    """Shape (queries,), by query number: how many steps of its row it may see."""

    @cached_property
    def queries(self) -> NDArray[np.int64]:
        """Number of queries of each row."""
        return np.diff(self.first_query)

    def __len__(self) -> int:
        return len(self.begin)


def lay_out(histories: Histories, queries: Queries, block: int, burn_in: int, width: int) -> Rows:
    """Divide queries into rows of one user's block each, with at most `width` queries a row."""
    start, end = histories.starts(queries.user_index), histories.ends(queries)
    number = (end - start) // block
    order = np.lexsort((end, number, queries.user_index))
    within = np.arange(len(order)) - run_start(queries.user_index[order], number[order])
    first = np.flatnonzero(within % width == 0)
    bounds = np.append(first, len(order))
    lead = order[first]
    begin = start[lead] + np.maximum(number[lead] * block - burn_in, 0)
    last = end[order[bounds[1:] - 1]] if len(first) else begin
    visible = end - (start + np.maximum(number * block - burn_in, 0))
    return Rows(begin=begin, end=last, query=order, first_query=bounds, visible=visible)


def batches(
    rows: Rows, chosen: NDArray[np.integer], size: int, rng: np.random.Generator | None = None
) -> Iterator[NDArray[np.int64]]:
    """Group rows of similar length into batches of about `size` padded queries.

    Args:
        rows: see `lay_out`.
        chosen: numbers of the rows to use.
        size: padded queries a batch.
        rng: shuffles which rows share a batch, and the batches; without it the order is fixed.
    """
    steps, width = (rows.end - rows.begin)[chosen], rows.queries[chosen]
    noise = rng.random(len(chosen)) if rng is not None else np.zeros(len(chosen))
    # Shuffled within classes of similar length: padding costs time, the same batches every epoch cost accuracy.
    order = np.lexsort((noise, -(-width // 16), -(-steps // 16)))
    groups: list[NDArray[np.int64]] = []
    taken = 0
    while taken < len(order):
        widest = np.maximum.accumulate(width[order[taken : taken + size]])
        fits = int(np.searchsorted(widest * np.arange(1, len(widest) + 1), size, side="right"))
        groups.append(np.asarray(chosen, np.int64)[order[taken : taken + max(fits, 1)]])
        taken += max(fits, 1)
    sequence = rng.permutation(len(groups)) if rng is not None else range(len(groups))
    for number in sequence:
        yield groups[number]


def row_arrays(
    histories: Histories, rows: Rows, chosen: NDArray[np.int64], queries: Queries
) -> tuple[Arrays, Arrays, NDArray[np.int64]]:
    """Padded steps and queries of some rows.

    Returns:
        steps, each (rows, steps), with `real` where a step is none of the padding; queries `movie`, `visible` and `at`,
        each (rows, q); and the number of the query in each place (rows, q), -1 where it is padding.
    """
    steps = _step_arrays(histories, rows.begin[chosen], rows.end[chosen])
    width = _padded(int(rows.queries[chosen].max(initial=1)))
    place = rows.first_query[chosen][:, None] + np.arange(width)  # (rows, q)
    real = place < rows.first_query[chosen + 1][:, None]
    number = np.where(real, rows.query[np.where(real, place, 0)], -1)
    padded: Arrays = {
        "movie": np.where(real, queries.movie_index[number], 0).astype(np.int32),
        "visible": np.where(real, rows.visible[number], 0).astype(np.int32),
        "at": np.where(real, queries.at[number], 0),
    }
    # Seconds relative to the row's first query: 68 years fit into 32 bits, and differences are exact.
    base = padded["at"][:, :1]
    padded["at"] = np.where(real, padded["at"] - base, 0).astype(np.int32)
    steps["at"] = np.where(steps["real"], steps.pop("rated_at") - base, 0).astype(np.int32)
    return steps, padded, number


def _step_arrays(histories: Histories, begin: NDArray[np.int64], end: NDArray[np.int64]) -> Arrays:
    length = _padded(int((end - begin).max(initial=1)))
    position = begin[:, None] + np.arange(length)  # (rows, steps)
    real = position < end[:, None]
    position = np.where(real, position, -1)
    columns = {name: getattr(histories, name) for name in _STEP_COLUMNS}
    picked = {name: at(values, position, 0).astype(values.dtype) for name, values in columns.items()}
    return {"real": real, **picked}


def _padded(length: int) -> int:
    """A multiple of 8: few shapes."""
    return max(-(-length // 8) * 8, 8)
