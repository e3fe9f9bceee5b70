"""Segments of the test ratings: all, users and movies that are new since training, by length of history."""

import itertools

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Ratings
from kgrec_gds.data.history_lengths import HISTORY_EDGES, history_lengths, movie_counts
from kgrec_gds.data.splits import Split
from kgrec_gds.evaluation.intervals import without_heaviest_user


def segments(ratings: Ratings, split: Split) -> dict[str, NDArray[np.bool_]]:
    """Masks over `split.test` by segment, each of shape (test events,).

    `new_user` and `new_movie` have no rating in train and validation; `unrated_movie` has no rating at all before the
    event; `history_0` is a user's first rating, or one of several at that first time.
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
