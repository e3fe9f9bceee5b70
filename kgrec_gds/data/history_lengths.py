"""How much is known at each event: the number of earlier ratings by its user and of its movie."""

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Ratings
from kgrec_gds.data.grouping import Clock, Grouped, at
from kgrec_gds.data.splits import Split

#: Upper ends of the history lengths: 0, 1-4, 5-19, 20-99, 100 and more ratings strictly before the event.
HISTORY_EDGES = (1, 5, 20, 100)


def history_lengths(ratings: Ratings) -> NDArray[np.int64]:
    """Number of the user's ratings strictly before each event, shape (events,); ties do not count."""
    return _earlier(ratings.user_index, ratings.rated_at)


def movie_counts(ratings: Ratings) -> NDArray[np.int64]:
    """Number of the movie's ratings strictly before each event, shape (events,)."""
    return _earlier(ratings.movie_index, ratings.rated_at)


def validation_weights(ratings: Ratings, split: Split) -> NDArray[np.float64]:
    """Weights of the validation events, mean 1, that give them the test events' distribution of history lengths.

    Under `per-user` half the validation ratings of new users are a user's first few, and no test rating is: without
    weights, settings would be chosen for queries that the test does not have. A class of lengths weighs as much as in the
    test (covariate shift: Shimodaira, 2000). Only users and times of the test are read, no rating.

    Returns:
        Shape (validation events,); all 1 where there is no test, or no class in common with it.
    """
    group = np.digitize(history_lengths(ratings), HISTORY_EDGES)
    classes = len(HISTORY_EDGES) + 1
    in_validation = np.bincount(group[split.validation], minlength=classes)
    in_test = np.bincount(group[split.test], minlength=classes)
    weight = (in_test / np.maximum(in_validation, 1))[group[split.validation]]
    return weight / weight.mean() if weight.any() else np.ones(len(weight))


def _earlier(group: NDArray[np.integer], rated_at: NDArray[np.int64]) -> NDArray[np.int64]:
    clock = Clock.of(rated_at)
    grouped = Grouped.by(group, clock.rank(rated_at), clock)
    return at(grouped.count, grouped.earlier).astype(np.int64)
