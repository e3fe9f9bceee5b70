"""Paired bootstrap of differences in mean squared error, resampling users.

The errors of one user's events are correlated, so whole users are drawn and not single events. A draw is a row of counts
per user, and the mean over the drawn events is (counts @ sums) / (counts @ events): thousands of draws for all
comparisons take two matrix products.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2_000
_ROWS_AT_ONCE = 200


@dataclass(frozen=True)
class Interval:
    """A difference and its 95 % interval (percentiles 2.5 and 97.5 of the resampled differences)."""

    difference: float
    low: float
    high: float


def paired_differences(
    differences: NDArray[np.float64], users: NDArray[np.integer], *, resamples: int = RESAMPLES, seed: int = 0
) -> list[Interval]:
    """Mean of each column with its interval, NaN where there are no events; every column uses the same draws.

    `differences` has shape (n, comparisons): the squared error of one model minus that of another, per event, whose users
    have shape (n,).
    """
    events, comparisons = differences.shape
    if not events:
        return [Interval(np.nan, np.nan, np.nan)] * comparisons
    _, of_user = np.unique(users, return_inverse=True)
    counts = np.bincount(of_user).astype(np.float64)  # (users,)
    sums = np.stack([np.bincount(of_user, weights=column) for column in differences.T], axis=1)
    generator = np.random.default_rng(seed)
    means = np.empty((resamples, comparisons))
    for start in range(0, resamples, _ROWS_AT_ONCE):  # bounds memory where there are many users
        rows = min(_ROWS_AT_ONCE, resamples - start)
        drawn = generator.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), size=rows)
        means[start : start + rows] = (drawn @ sums) / (drawn @ counts)[:, None]  # (rows, comparisons)
    low, high = np.percentile(means, [2.5, 97.5], axis=0)
    columns = zip(sums.T, low.tolist(), high.tolist(), strict=True)
    return [Interval(float(column.sum() / counts.sum()), *ends) for column, *ends in columns]


def without_heaviest_user(users: NDArray[np.integer]) -> NDArray[np.bool_]:
    """True for the events of all users but the one with the most events, shape (n,)."""
    if not len(users):
        return np.zeros(0, bool)
    values, counts = np.unique(users, return_counts=True)
    return users != values[counts.argmax()]
