"""Samples of whole users: what models are fitted on where there are more ratings than an epoch or the trees need."""

import numpy as np
from numpy.typing import NDArray


def sample_of_users(user_index: NDArray[np.int32], most: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Rows of users drawn at random, ascending and at most `most`; all rows, without a draw, if there are no more.

    Where the first user drawn has more than `most`, only theirs. Whole users, because one pass over a history serves all its ratings.
    """
    if len(user_index) <= most:
        return np.arange(len(user_index))
    counts = np.bincount(user_index)
    order = rng.permutation(np.flatnonzero(counts))
    fits = np.count_nonzero(np.cumsum(counts[order]) <= most)
    drawn = np.zeros(len(counts), bool)
    drawn[order[: max(fits, 1)]] = True
    return np.flatnonzero(drawn[user_index])
