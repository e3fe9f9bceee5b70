"""Each query's history as a range of the user's ratings in time order."""

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.data.rating_log import RatingLog


def history_ranges(dataset: Dataset, queries: Queries) -> NDArray[np.int64]:
    """Start and end in `RatingLog.by_user.order` of the user's ratings strictly before `known_until`.

    Returns:
        shape (queries, 2); start equals end for a query without history.
    """
    log = dataset.derive(RatingLog)
    last = log.by_user.before(queries.user_index, log.clock.rank(queries.known_until))
    known = last >= 0
    start = np.where(known, log.by_user.first[np.maximum(last, 0)], 0) if len(dataset.ratings) else last + 1
    return np.stack([start, np.where(known, last + 1, 0)], axis=1)
