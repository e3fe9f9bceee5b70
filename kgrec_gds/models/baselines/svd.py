"""Biases and matrix factorisation of scikit-surprise, as arrays over user and movie indices.

Surprise predicts row by row in Python; its fitted parameters as arrays answer millions of queries at once.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.baseline_estimates import Queries
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.history_lengths import validation_weights
from kgrec_gds.data.splits import Split
from kgrec_gds.evaluation.metrics import mse
from kgrec_gds.models.baselines.base import Baseline, as_queries, fitted_events, on_scale


@dataclass(frozen=True)
class SvdSettings:
    """Settings of stochastic gradient descent on mu + b_u + b_i + p_u . q_i."""

    n_factors: int = 100
    """Length of p_u and q_i."""
    n_epochs: int = 20
    """Passes over the ratings."""
    lr_all: float = 0.005
    """Learning rate of all parameters."""
    reg_all: float = 0.02
    """L2 penalty of all parameters, per rating."""


#: Chosen on the validation parts of both development sets, see docs/evaluation.md.
TUNED = SvdSettings(n_factors=50, n_epochs=40, lr_all=0.005, reg_all=0.15)
#: Numbers of epochs among which the tuned one chooses on validation.
EPOCHS = (10, 20, 40, 80)


@dataclass(frozen=True)
class Factors:
    """Fitted parameters; rows of users and movies without training ratings are zero."""

    mean: float
    user_bias: NDArray[np.float64]
    """Shape (users,)."""
    movie_bias: NDArray[np.float64]
    """Shape (movies,)."""
    users: NDArray[np.float64]
    """p, shape (users, n_factors)."""
    movies: NDArray[np.float64]
    """q, shape (movies, n_factors)."""

    def predict(self, queries: Queries) -> NDArray[np.float32]:
        """Predict mu + b_u + b_i + p_u . q_i, on the scale."""
        u, m = queries.user_index, queries.movie_index
        dots = np.einsum("ij,ij->i", self.users[u], self.movies[m])
        return on_scale(self.mean + self.user_bias[u] + self.movie_bias[m] + dots)


class StaticBiases(Baseline):
    """Predict mu + b_u + b_i by Surprise's alternating least squares, nothing updated after training."""

    name = "biases_static"
    online_history = False

    def fit(self, dataset: Dataset, split: Split, seed: int) -> None:
        """Fit with Surprise's own settings; the seed plays no part."""
        del seed
        from surprise import BaselineOnly

        self._factors = fit_factors(BaselineOnly(verbose=False), dataset, fitted_events(split))

    def predict_queries(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """Biases as of the end of training."""
        del dataset
        return self._factors.predict(queries)


class Svd(Baseline):
    """Matrix factorisation with fixed settings, nothing updated after training."""

    name = "svd"
    online_history = False

    def __init__(self, settings: SvdSettings | None = None) -> None:
        self.settings = settings or SvdSettings()

    def fit(self, dataset: Dataset, split: Split, seed: int) -> None:
        """Fit on train and validation."""
        self.factors = self.fit_on(dataset, fitted_events(split), self.settings, seed)

    @staticmethod
    def fit_on(dataset: Dataset, events: NDArray[np.int64], settings: SvdSettings, seed: int) -> Factors:
        """Fit on the event rows given."""
        from surprise import SVD

        return fit_factors(SVD(**vars(settings), random_state=seed), dataset, events)

    def predict_queries(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """Factors as of the end of training."""
        del dataset
        return self.factors.predict(queries)


class TunedSvd(Svd):
    """The same with tuned settings, the number of epochs chosen on validation."""

    name = "svd_tuned"

    def __init__(self, settings: SvdSettings = TUNED) -> None:
        super().__init__(settings)

    def fit(self, dataset: Dataset, split: Split, seed: int) -> None:
        """Choose the epochs, then fit on train and validation."""
        settings = self.choose_epochs(dataset, split, seed)
        self.factors = self.fit_on(dataset, fitted_events(split), settings, seed)

    def choose_epochs(self, dataset: Dataset, split: Split, seed: int) -> SvdSettings:
        """The settings with the number of epochs that is best on validation."""
        queries, rating = (
            as_queries(dataset.ratings, split.validation),
            dataset.ratings.rating[split.validation],
        )
        weight = validation_weights(dataset.ratings, split)
        candidates = [replace(self.settings, n_epochs=epochs) for epochs in EPOCHS]
        errors = [
            mse(rating, self.fit_on(dataset, split.train, settings, seed).predict(queries), weight)
            for settings in candidates
        ]
        return candidates[int(np.argmin(errors))]


def fit_factors(algorithm: Any, dataset: Dataset, events: NDArray[np.int64]) -> Factors:
    """Fit a Surprise algorithm with biases (and factors) on event rows."""
    import pandas as pd
    import surprise

    chosen = dataset.ratings.take(events)
    frame = pd.DataFrame({"user": chosen.user_index, "movie": chosen.movie_index, "rating": chosen.rating})
    reader = surprise.Reader(rating_scale=(1, 10))
    trainset = surprise.Dataset.load_from_df(frame, reader).build_full_trainset()
    algorithm.fit(trainset)
    users = np.array([trainset.to_raw_uid(inner) for inner in range(trainset.n_users)])
    movies = np.array([trainset.to_raw_iid(inner) for inner in range(trainset.n_items)])
    n_users, n_movies = len(dataset.user_ids), len(dataset.movies)
    no_factors = np.zeros((max(trainset.n_users, trainset.n_items), 1))
    return Factors(
        mean=float(trainset.global_mean),
        user_bias=_spread(algorithm.bu, users, n_users),
        movie_bias=_spread(algorithm.bi, movies, n_movies),
        users=_spread(getattr(algorithm, "pu", no_factors[: len(users)]), users, n_users),
        movies=_spread(getattr(algorithm, "qi", no_factors[: len(movies)]), movies, n_movies),
    )


def _spread(values: NDArray[np.float64], rows: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    # From Surprise's inner order to our rows, zero where training had nothing.
    spread = np.zeros((size, *values.shape[1:]))
    spread[rows] = values
    return spread
