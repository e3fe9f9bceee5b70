"""SVD whose user side is folded in: solved from the user's history as of each query.

With the movies' biases and factors held fixed, r - mu - b_i = b_u + p_u . q_i is a ridge regression of the user's
ratings on [1, q_i]. Users who came after training have factors too, which makes it the fair form of SVD where history
grows after the fit.
"""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.history_lengths import validation_weights
from kgrec_gds.data.query import Queries
from kgrec_gds.data.rating_log import RatingLog
from kgrec_gds.data.splits import Split
from kgrec_gds.models.base import Callback, on_scale
from kgrec_gds.models.baselines.array_baseline import fitted_events
from kgrec_gds.models.baselines.svd import Factors, SvdTuned, fit_svd
from kgrec_gds.models.delays import with_random_delays

#: Ridge penalties of the user's bias and of each factor, of which validation chooses a pair.
PENALTIES = tuple(itertools.product((1.0, 3.0, 9.0), (3.0, 10.0, 30.0, 100.0, 300.0)))
_MATRICES_AT_ONCE = 512


class SvdFolded(SvdTuned):
    """The tuned SVD with b_u and p_u solved from the history of each query."""

    penalties: tuple[float, float]

    def learn(self, dataset: Dataset, split: Split, seed: int, callback: Callback | None) -> None:
        """Choose the epochs (as `svd_tuned` does) and the penalties on validation, then fit on both parts."""
        settings, factors = self.choose_epochs(dataset, split, seed, callback)
        validation = dataset.ratings.take(split.validation)
        queries = with_random_delays(Queries.of(validation), np.random.default_rng(seed))
        start, weight = _movie_side(factors, dataset, queries), validation_weights(dataset.ratings, split)
        errors = [
            np.average((on_scale(start + user_side) - validation.rating) ** 2, weights=weight)
            for user_side in fold_in(factors, dataset, queries, PENALTIES)
        ]
        self.penalties = PENALTIES[int(np.argmin(errors))]
        self.factors = fit_svd(dataset, fitted_events(split), settings, seed)

    def baseline(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """Mu + b_i as fitted, in place of the causal estimate."""
        return _movie_side(self.factors, dataset, queries)

    def predict_residual(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """b_u + p_u . q_i, the user's side as of each query."""
        return fold_in(self.factors, dataset, queries, [self.penalties])[0]


def _movie_side(factors: Factors, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
    movie = factors.movie_rows(dataset, queries.movie_index)
    return (factors.mean + factors.movie_bias[movie]).astype(np.float32)


def fold_in(
    factors: Factors, dataset: Dataset, queries: Queries, penalties: Sequence[tuple[float, float]]
) -> NDArray[np.float32]:
    """b_u + p_u . q_i with the user's side solved from the history of each query, shape (penalties, queries).

    The movies' side of `factors` is held fixed; `penalties` are pairs of one of the user's bias and one of each factor.
    """
    ratings, log = dataset.ratings, dataset.derive(RatingLog)
    order, user = log.by_user.order, queries.user_index
    start, end = log.by_user.begin(user), log.by_user.begin(user, log.clock.rank(queries.known_until))
    # Queries of one user with the same history share one solution.
    ranges, inverse = np.unique(np.stack([start, end], axis=1), axis=0, return_inverse=True)
    inverse = inverse.ravel()
    movie = factors.movie_rows(dataset, ratings.movie_index[order])  # (events,), by user and time
    ones = np.ones(len(factors.movie_factors))
    basis = np.column_stack([ones, factors.movie_factors])  # (movies, 1 + factors)
    residual = ratings.rating[order] - factors.mean - factors.movie_bias[movie]
    ridges = [np.diag([of_bias, *[of_factors] * (basis.shape[1] - 1)]) for of_bias, of_factors in penalties]
    solved = np.zeros((len(penalties), len(ranges), basis.shape[1]))  # (penalties, histories, 1 + factors)
    for rows in _by_user(ranges):
        grams, sides = _normal_equations(basis, movie, residual, ranges[rows])
        for each, ridge in zip(solved, ridges, strict=True):
            each[rows] = np.linalg.solve(grams + ridge, sides[..., None])[..., 0]
    candidate = basis[factors.movie_rows(dataset, queries.movie_index)]
    return np.stack([np.einsum("ij,ij->i", each[inverse], candidate) for each in solved]).astype(np.float32)


def _by_user(ranges: NDArray[np.int64]) -> Iterator[slice]:
    # Runs of one user's histories, cut so that their matrices fit in memory.
    cuts = np.flatnonzero(np.diff(ranges[:, 0])) + 1
    for begin, end in itertools.pairwise([0, *cuts.tolist(), len(ranges)]):
        for first in range(begin, end, _MATRICES_AT_ONCE):
            yield slice(first, min(first + _MATRICES_AT_ONCE, end))


def _normal_equations(
    basis: NDArray[np.float64],
    movie: NDArray[np.integer],
    residual: NDArray[np.float64],
    ranges: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gram matrix and right-hand side of one user's growing history at each of its ends, which ascend."""
    size = basis.shape[1]
    grams, sides = np.zeros((len(ranges), size, size)), np.zeros((len(ranges), size))
    gram, side = np.zeros((size, size)), np.zeros(size)
    position = int(ranges[0, 0])
    for row, end in enumerate(ranges[:, 1].tolist()):
        if end > position:
            x = basis[movie[position:end]]  # (new ratings, 1 + factors)
            gram = gram + x.T @ x
            side = side + x.T @ residual[position:end]
            position = end
        grams[row], sides[row] = gram, side
    return grams, sides
