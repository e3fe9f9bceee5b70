"""Which test events belong together: everybody, those new since the cut-off, by length of history."""

import itertools

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.evaluate.bootstrap import without_heaviest_user
from kgrec_gds.windows.dataset import Ratings
from kgrec_gds.windows.splits import Split

#: Upper ends of the history lengths: 0, 1-4, 5-19, 20-99, 100 and more ratings strictly before the event.
HISTORY_EDGES = (1, 5, 20, 100)


def history_lengths(ratings: Ratings) -> NDArray[np.int64]:
    """Number of the user's ratings strictly before each event, shape (events,); ties don't count."""
    return _seen_before(ratings.user_index, ratings.rated_at)


def movie_counts(ratings: Ratings) -> NDArray[np.int64]:
    """Number of the movie's ratings strictly before each event, shape (events,)."""
    return _seen_before(ratings.movie_index, ratings.rated_at)


def segments(ratings: Ratings, split: Split) -> dict[str, NDArray[np.bool_]]:
    """Segment name -> mask over `split.test`, shape (test events,).

    `new_user` and `new_movie` have no rating among train and validation; `unrated_movie` has none by anyone
    before the event, `history_0` is a user's very first rating (or one of several at that same time).
    """
    test = ratings.take(split.test)
    fitted = ratings.take(np.concatenate([split.train, split.validation]))
    length = history_lengths(ratings)[split.test]
    masks = {
        "all": np.ones(len(test), bool),
        "without_heaviest_user": without_heaviest_user(test.user_index),
        "new_user": ~np.isin(test.user_index, fitted.user_index),
        "new_movie": ~np.isin(test.movie_index, fitted.movie_index),
        "unrated_movie": movie_counts(ratings)[split.test] == 0,
    }
    edges = (0, *HISTORY_EDGES)
    for low, high in itertools.pairwise(edges):
        name = f"history_{low}" if high == low + 1 else f"history_{low}_to_{high - 1}"
        masks[name] = (length >= low) & (length < high)
    masks[f"history_{edges[-1]}_or_more"] = length >= edges[-1]
    return masks


def _seen_before(group: NDArray[np.integer], rated_at: NDArray[np.int64]) -> NDArray[np.int64]:
    # Sorted by group and time, an event's count is its first equal's place less its group's first place.
    order = np.lexsort((rated_at, group))
    g, t = group[order], rated_at[order]
    place = np.arange(len(g))
    new_group = np.r_[True, g[1:] != g[:-1]][: len(g)]
    new_moment = new_group | np.r_[True, t[1:] != t[:-1]][: len(g)]
    group_start = np.maximum.accumulate(np.where(new_group, place, 0))
    moment_start = np.maximum.accumulate(np.where(new_moment, place, 0))
    before = np.empty(len(g), np.int64)
    before[order] = moment_start - group_start
    return before
