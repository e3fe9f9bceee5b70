"""Matrix factorisation by scikit-surprise: mu + b_u + b_i + p_u . q_i, frozen after the fit.

Surprise predicts row by row in Python; with its fitted parameters as arrays, millions of queries take a second.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.history_lengths import validation_weights
from kgrec_gds.data.query import Queries
from kgrec_gds.data.splits import Split
from kgrec_gds.models.base import Callback, on_scale
from kgrec_gds.models.baselines.array_baseline import ArrayBaseline, fitted_events
from kgrec_gds.models.baselines.vocabulary import Vocabulary
from kgrec_gds.schema import MAX_RATING, MIN_RATING

#: Chosen on the validation parts of both development sets, see docs/evaluation.md.
TUNED = {"n_factors": 50, "lr_all": 0.005, "reg_all": 0.15}
#: Numbers of epochs among which validation chooses.
EPOCHS = (10, 20, 40, 80)


@dataclass(frozen=True)
class SvdSettings:
    """Arguments of `surprise.SVD`, by its names; these are its defaults."""

    n_factors: int = 100
    """Length of p_u and q_i."""
    n_epochs: int = 20
    """Passes over the ratings."""
    lr_all: float = 0.005
    """Learning rate of all parameters."""
    reg_all: float = 0.02
    """L2 penalty of all parameters."""


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


class Svd(ArrayBaseline):
    """SVD by stochastic gradient descent with fixed settings.

    Args:
        settings: those that differ from the defaults of `SvdSettings`.
    """

    factors: Factors

    def __init__(self, **settings: Any) -> None:
        self.settings = SvdSettings(**settings)

    def learn(self, dataset: Dataset, split: Split, seed: int, callback: Callback | None) -> None:
        """Fit on train and validation."""
        self.factors = fit_svd(dataset, fitted_events(split), self.settings, seed)

    def baseline(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """The frozen mu + b_u + b_i, in place of the causal estimate."""
        return self.factors.biases(dataset, queries)

    def predict_residual(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """p_u . q_i, 0 for a user or movie without training ratings."""
        return self.factors.products(dataset, queries)


class BaselineStatic(Svd):
    """mu + b_u + b_i by alternating least squares, with Surprise's own settings of `BaselineOnly`."""

    def __init__(self) -> None:
        super().__init__(n_factors=0)

    def learn(self, dataset: Dataset, split: Split, seed: int, callback: Callback | None) -> None:
        """Fit on train and validation; the seed plays no part."""
        from surprise import BaselineOnly

        self.factors = _fit(BaselineOnly(verbose=False), dataset, fitted_events(split))


class SvdTuned(Svd):
    """SVD with 50 factors and a stronger penalty, the number of epochs chosen on validation."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**(TUNED | settings))

    def learn(self, dataset: Dataset, split: Split, seed: int, callback: Callback | None) -> None:
        """Choose the number of epochs on validation, then fit on train and validation."""
        settings, _ = self.choose_epochs(dataset, split, seed, callback)
        self.factors = fit_svd(dataset, fitted_events(split), settings, seed)

    def choose_epochs(
        self, dataset: Dataset, split: Split, seed: int, callback: Callback | None
    ) -> tuple[SvdSettings, Factors]:
        """The settings with the lowest weighted validation error, and the factors that they gave on train."""
        validation = dataset.ratings.take(split.validation)
        queries, weight = Queries.of(validation), validation_weights(dataset.ratings, split)
        found: list[tuple[float, SvdSettings, Factors]] = []
        for number, epochs in enumerate(EPOCHS, start=1):
            settings = replace(self.settings, n_epochs=epochs)
            factors = fit_svd(dataset, split.train, settings, seed)
            predicted = on_scale(factors.biases(dataset, queries) + factors.products(dataset, queries))
            error = np.average((predicted - validation.rating) ** 2, weights=weight)
            found.append((float(error), settings, factors))
            if callback:
                callback("Choosing epochs", number, len(EPOCHS))
        return min(found, key=lambda candidate: candidate[0])[1:]


def fit_svd(dataset: Dataset, events: NDArray[np.int64], settings: SvdSettings, seed: int) -> Factors:
    """Fit `surprise.SVD` on event rows."""
    from surprise import SVD

    return _fit(SVD(**asdict(settings), random_state=seed), dataset, events)


def _fit(algorithm: Any, dataset: Dataset, events: NDArray[np.int64]) -> Factors:
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
    return Factors(
        mean=float(known.global_mean),
        users=users,
        movies=movies,
        user_bias=_by_row(algorithm.bu, user_row),
        movie_bias=_by_row(algorithm.bi, movie_row),
        user_factors=_by_row(getattr(algorithm, "pu", np.zeros((known.n_users, 0))), user_row),
        movie_factors=_by_row(getattr(algorithm, "qi", np.zeros((known.n_items, 0))), movie_row),
    )


def _by_row(values: NDArray[np.float64], rows: NDArray[np.int32]) -> NDArray[np.float64]:
    # From Surprise's own order to the vocabulary's, with row 0 zero.
    ordered = np.zeros((len(values) + 1, *values.shape[1:]))
    ordered[rows] = values
    return ordered
