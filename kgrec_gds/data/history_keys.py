"""A key of each user's ratings, by which the graph tells whether a prediction still knows all of them."""

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset


def history_keys(dataset: Dataset) -> NDArray[np.object_]:
    """By user_index `count ratings times`: number of ratings, sum of 1000 times the ratings, sum of their times.

    `serving/written` and `explanations/pair` compute the same from the graph as it is. Unlike a time, it tells of ratings
    that are older than the prediction, were removed, or were given after the clock was set back.
    """
    ratings, count = dataset.ratings, len(dataset.user_ids)
    thousandths = np.floor(ratings.rating.astype(np.float64) * 1000 + 0.5).astype(np.int64)
    columns = []
    for values in (np.ones_like(thousandths), thousandths, ratings.rated_at):
        total = np.zeros(count, np.int64)
        np.add.at(total, ratings.user_index, values)
        columns.append(total.tolist())
    return np.array([" ".join(map(str, row)) for row in zip(*columns, strict=True)], object)


def keys_by_user(dataset: Dataset) -> dict[str, str]:
    """`history_keys` by user id."""
    return dict(zip(dataset.user_ids, history_keys(dataset), strict=True))
