"""Parameters of scikit-surprise's algorithms as arrays.

Surprise predicts row by row in Python; with its fitted parameters as arrays, millions of queries take a second.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.models.baselines.array_baseline import Arrays
from kgrec_gds.models.baselines.vocabulary import Vocabulary
from kgrec_gds.schema import MAX_RATING, MIN_RATING

_PARAMETERS = ("user_bias", "movie_bias", "user_factors", "movie_factors")


@dataclass(frozen=True)
class Factors:
    """Fitted mu, b_u, b_i, p_u and q_i; row 0 of each array, for unknown users and movies, is zero."""

    mean: float
    users: Vocabulary
    movies: Vocabulary
    user_bias: NDArray[np.float64]
    """Shape (users,)."""
    movie_bias: NDArray[np.float64]
    """Shape (movies,)."""
    user_factors: NDArray[np.float64]
    """p, shape (users, factors)."""
    movie_factors: NDArray[np.float64]
    """q, shape (movies, factors)."""

    def user_rows(self, dataset: Dataset, queries: Queries) -> NDArray[np.int32]:
        """Row of each query's user."""
        return self.users.rows(dataset.user_ids, queries.user_index)

    def movie_rows(self, dataset: Dataset, index: NDArray[np.integer]) -> NDArray[np.int32]:
        """Row of each movie."""
        return self.movies.rows(dataset.movies.tconst, index)

    def biases(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """Estimate mu + b_u + b_i of each query."""
        user, movie = self.user_rows(dataset, queries), self.movie_rows(dataset, queries.movie_index)
        return (self.mean + self.user_bias[user] + self.movie_bias[movie]).astype(np.float32)

    def products(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """p_u . q_i of each query."""
        user, movie = self.user_rows(dataset, queries), self.movie_rows(dataset, queries.movie_index)
        return np.einsum("ij,ij->i", self.user_factors[user], self.movie_factors[movie]).astype(np.float32)

    def arrays(self) -> Arrays:
        """All parameters by name."""
        parameters = {name: getattr(self, name) for name in _PARAMETERS}
        return {"mean": np.array(self.mean), "users": self.users.ids, "movies": self.movies.ids, **parameters}

    @classmethod
    def of(cls, arrays: Arrays) -> "Factors":
        """The parameters that `arrays` gave."""
        parameters = {name: arrays[name] for name in _PARAMETERS}
        return cls(
            float(arrays["mean"]), Vocabulary(arrays["users"]), Vocabulary(arrays["movies"]), **parameters
        )


def fit_factors(algorithm: Any, dataset: Dataset, events: NDArray[np.int64]) -> Factors:
    """Fit a Surprise algorithm with biases, and factors where it has them, on event rows."""
    import pandas as pd
    import surprise

    chosen = dataset.ratings.take(events)
    frame = pd.DataFrame({"user": chosen.user_index, "movie": chosen.movie_index, "rating": chosen.rating})
    reader = surprise.Reader(rating_scale=(MIN_RATING, MAX_RATING))
    known = surprise.Dataset.load_from_df(frame, reader).build_full_trainset()
    algorithm.fit(known)
    users = Vocabulary.of(dataset.user_ids, chosen.user_index)
    movies = Vocabulary.of(dataset.movies.tconst, chosen.movie_index)
    user_index = np.array([known.to_raw_uid(inner) for inner in range(known.n_users)])
    movie_index = np.array([known.to_raw_iid(inner) for inner in range(known.n_items)])
    user_row = users.rows(dataset.user_ids, user_index)
    movie_row = movies.rows(dataset.movies.tconst, movie_index)
    no_user, no_movie = np.zeros((known.n_users, 0)), np.zeros((known.n_items, 0))
    return Factors(
        mean=float(known.global_mean),
        users=users,
        movies=movies,
        user_bias=_by_row(algorithm.bu, user_row),
        movie_bias=_by_row(algorithm.bi, movie_row),
        user_factors=_by_row(getattr(algorithm, "pu", no_user), user_row),
        movie_factors=_by_row(getattr(algorithm, "qi", no_movie), movie_row),
    )


def _by_row(values: NDArray[np.float64], rows: NDArray[np.int32]) -> NDArray[np.float64]:
    # From Surprise's own order to the vocabulary's, with row 0 zero.
    ordered = np.zeros((len(values) + 1, *values.shape[1:]))
    ordered[rows] = values
    return ordered
