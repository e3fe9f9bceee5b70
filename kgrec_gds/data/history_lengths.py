"""How much is known at an event: ratings before it, by its user and of its movie."""

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Ratings
from kgrec_gds.data.splits import Split

#: Upper ends of the history lengths: 0, 1-4, 5-19, 20-99, 100 and more ratings strictly before the event.
HISTORY_EDGES = (1, 5, 20, 100)


def history_lengths(ratings: Ratings) -> NDArray[np.int64]:
    """Number of the user's ratings strictly before each event, shape (events,); ties don't count."""
    return _seen_before(ratings.user_index, ratings.rated_at)


def movie_counts(ratings: Ratings) -> NDArray[np.int64]:
    """Number of the movie's ratings strictly before each event, shape (events,)."""
    return _seen_before(ratings.movie_index, ratings.rated_at)


def validation_weights(ratings: Ratings, split: Split) -> NDArray[np.float64]:
    """Weights of the validation events, mean 1, by which they have the test's lengths of history.

    Under `per-user` half the validation ratings of young users are a user's first few, and no test rating is:
    unweighted, the choice would be for other questions than those that are asked. A class of lengths weighs as much as
    it does in the test (covariate shift: Shimodaira, 2000). No rating is looked at, only who is asked about and when.

    Returns:
        shape (validation events,); all 1 where there is no test, or nothing in common with it.
    """
    group = np.digitize(history_lengths(ratings), HISTORY_EDGES)
    classes = len(HISTORY_EDGES) + 1
    here = np.bincount(group[split.validation], minlength=classes)
    there = np.bincount(group[split.test], minlength=classes)
    weight = (there / np.maximum(here, 1))[group[split.validation]]
    return weight / weight.mean() if weight.any() else np.ones(len(weight))


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
