"""The published features of given ratings, which the baselines of protocol `paper` read."""

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries, event_rows
from kgrec_gds.errors import ModelRunError
from kgrec_gds.features.paper_features import paper_features


def published_values(dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
    """The published features of queries about given ratings, shape (queries, features).

    Raises:
        ModelRunError: a query about a movie that its user has not rated.
    """
    try:
        rows = event_rows(dataset.ratings, queries)
    except KeyError as error:
        raise ModelRunError(
            "Baselines of the protocol paper predict given ratings only: their features contain them. "
            "Train another model to recommend, such as attention_lstm."
        ) from error
    return dataset.derive(paper_features).values[rows]
