"""SVD whose user side is folded in: solved from the user's ratings up to the moment of the prediction.

With the movies' biases and factors held, r - mu - b_i = b_u + p_u . q_i is a ridge regression of the user's
history on [1, q_i]. It is solved for every moment at which somebody asks, so users who came after training
have factors too: the fair form of SVD in a setting where history goes on.
"""

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.baseline_estimates import Queries
from kgrec_gds.data.dataset import Dataset, Ratings
from kgrec_gds.data.history_lengths import validation_weights
from kgrec_gds.data.splits import Split
from kgrec_gds.evaluation.metrics import mse
from kgrec_gds.models.baselines.base import as_queries, fitted_events, on_scale
from kgrec_gds.models.baselines.rating_index import HistoryIndex
from kgrec_gds.models.baselines.svd import TUNED, Factors, SvdSettings, TunedSvd

#: Ridge penalties of the user's bias and of the factors; validation chooses a pair.
PENALTIES = tuple(itertools.product((1.0, 3.0, 9.0), (3.0, 10.0, 30.0, 100.0, 300.0)))


class FoldedSvd(TunedSvd):
    """The tuned SVD with b_u and p_u solved from the history strictly before each query."""

    name = "svd_folded"
    online_history = True

    def __init__(self, settings: SvdSettings = TUNED) -> None:
        super().__init__(settings)
        self.penalties = PENALTIES[0]

    def fit(self, dataset: Dataset, split: Split, seed: int) -> None:
        """Choose epochs (as the tuned SVD does) and the penalties on validation, then fit on both parts."""
        settings = self.choose_epochs(dataset, split, seed)
        trained = self.fit_on(dataset, split.train, settings, seed)
        asked = as_queries(dataset.ratings, split.validation)
        rating = dataset.ratings.rating[split.validation]
        weight = validation_weights(dataset.ratings, split)
        said = fold_in(trained, dataset.ratings, asked, PENALTIES)
        errors = {pair: mse(rating, each, weight) for pair, each in zip(PENALTIES, said, strict=True)}
        self.penalties = min(errors, key=lambda pair: errors[pair])
        self.factors = self.fit_on(dataset, fitted_events(split), settings, seed)

    def predict_queries(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """Movie factors as of the end of training, user factors as of each query's moment."""
        return fold_in(self.factors, dataset.ratings, queries, [self.penalties])[0]


def fold_in(
    factors: Factors, ratings: Ratings, queries: Queries, penalties: Sequence[tuple[float, float]]
) -> NDArray[np.float32]:
    """Predictions with the user's side solved from ratings strictly before `at`, shape (penalties, queries).

    Args:
        factors: the movies' side, held as it is.
        ratings: the log.
        queries: who is asked about what, and when.
        penalties: pairs of a ridge penalty of the user's bias and one of each factor.
    """
    index = HistoryIndex(ratings)
    starts, ends = index.slices(queries.user_index, queries.at)
    # Queries of one user with the same history share one solution.
    pairs, which = np.unique(np.stack([starts, ends], axis=1), axis=0, return_inverse=True)
    seen = ratings.take(index.order)
    basis = np.column_stack([np.ones(len(factors.movies)), factors.movies])  # (movies, 1 + n_factors)
    residual = seen.rating - factors.mean - factors.movie_bias[seen.movie_index]
    ridges = [
        np.diag([of_bias, *[of_factors] * factors.movies.shape[1]]) for of_bias, of_factors in penalties
    ]
    solved = np.zeros((len(penalties), len(pairs), basis.shape[1]))  # (penalties, histories, 1 + n_factors)
    for first, last in _by_user(pairs):
        grams, sides = _running_sums(basis, seen.movie_index, residual, pairs[first:last])
        for each, ridge in zip(solved, ridges, strict=True):
            each[first:last] = np.linalg.solve(grams + ridge, sides[..., None])[..., 0]
    m = queries.movie_index
    own = np.stack([np.einsum("ij,ij->i", each[which], basis[m]) for each in solved])
    return on_scale(factors.mean + factors.movie_bias[m] + own)


def _by_user(pairs: NDArray[np.int64], at_once: int = 512) -> list[tuple[int, int]]:
    # Runs of rows with the same start (one user's), cut so that their matrices fit in memory.
    cuts = np.flatnonzero(np.diff(pairs[:, 0])) + 1
    edges = [0, *cuts.tolist(), len(pairs)]
    return [
        (first, min(first + at_once, end))
        for begin, end in itertools.pairwise(edges)
        for first in range(begin, end, at_once)
    ]


def _running_sums(
    basis: NDArray[np.float64],
    movies: NDArray[np.integer],
    residual: NDArray[np.float64],
    pairs: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gram matrix and right side of one user's growing history at each of its ends, ascending."""
    size = basis.shape[1]
    grams, sides = np.zeros((len(pairs), size, size)), np.zeros((len(pairs), size))
    gram, side = np.zeros((size, size)), np.zeros(size)
    place = int(pairs[0, 0])
    for row, end in enumerate(pairs[:, 1].tolist()):
        if end > place:
            x = basis[movies[place:end]]  # (new ratings, 1 + n_factors)
            gram = gram + x.T @ x
            side = side + x.T @ residual[place:end]
            place = end
        grams[row], sides[row] = gram, side
    return grams, sides
