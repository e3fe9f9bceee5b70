"""The moment at which a recommendation is made."""

import time

from kgrec_gds.windows.dataset import Dataset


def moment(dataset: Dataset) -> int:
    """Now, in epoch seconds, and after every rating of the log: a rating of this very second counts as history."""
    latest = int(dataset.ratings.rated_at[-1]) if len(dataset.ratings) else 0
    return max(int(time.time()), latest + 1)
