"""The moment for which a recommendation is made."""

from kgrec_gds.data.dataset import Dataset


def moment(dataset: Dataset) -> int:
    """The second after the log's latest rating: all of it is history, and the same graph gives the same answer.

    The wall clock would put years between a data set's end and today, which no training has seen.
    """
    return int(dataset.ratings.rated_at[-1]) + 1 if len(dataset.ratings) else 0
