"""The published features of rated events, the input of the baselines of protocol `paper`.

A feature that holds the rating itself exists for no query but the rated event, with its whole history.
"""

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.errors import ModelRunError
from kgrec_gds.features.paper_features import paper_features


def published_values(dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
    """The published features of queries that are rated events, shape (queries, features).

    Raises:
        ModelRunError: a query is no rated event, or does not see its whole history.
    """
    return dataset.derive(paper_features).values[event_rows(dataset, queries)]


def event_rows(dataset: Dataset, queries: Queries) -> NDArray[np.int64]:
    """Row of the rated event that each query is.

    Raises:
        ModelRunError: a query is no rated event, or does not see its whole history.
    """
    ratings, movies = dataset.ratings, len(dataset.movies)
    pairs = ratings.user_index.astype(np.int64) * movies + ratings.movie_index
    order = np.argsort(pairs, kind="stable")
    wanted = queries.user_index.astype(np.int64) * movies + queries.movie_index
    place = np.minimum(np.searchsorted(pairs[order], wanted), len(order) - 1)
    rows = order[place]
    if (pairs[rows] != wanted).any() or (ratings.rated_at[rows] != queries.known_until).any():
        raise ModelRunError(
            "Models of the protocol paper predict rated events only: the published features contain the rating itself. "
            "Use a model of the protocols global and per-user, such as attention_lstm."
        )
    return rows
