"""What is compared with the ranking: popularity, neighbourhoods and factorizations on the liked ratings."""

import importlib.util
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.splits import Split
from kgrec_gds.evaluation.ranking_cases import K, best_of
from kgrec_gds.ranking.cases import RankingCases, histories
from kgrec_gds.ranking.fit_ranker import fit_ranker
from kgrec_gds.ranking.item_weights import LIKED, item_weights, rated_at_least
from kgrec_gds.ranking.popularity import DAY, popularity_at_times

Scores = Callable[[Dataset, RankingCases, csr_matrix], NDArray[np.floating]]
"""Scores of all movies in some cases with the given histories, shape (cases, movies)."""

_NEIGHBOURS = 100
_SHRINKAGE = 10.0
_FACTORS = 64

#: The ranking without one of its signals.
ABLATIONS = {
    "ranking:no_liked_together": {"liked_together": 0.0},
    "ranking:no_people": {"people": 0.0},
    "ranking:no_popularity": {"popularity": 0.0},
}
FACTORIZATIONS = ("ials", "bpr")
RANKING_MODELS = (
    *("popular_all", "popular_365", "popular_decay", "item_knn", "ease", *FACTORIZATIONS, "ranking"),
    *ABLATIONS,
)


def can_measure(name: str) -> bool:
    """Whether the packages that a model needs are installed."""
    return name not in FACTORIZATIONS or importlib.util.find_spec("implicit") is not None


class FittedRankings:
    """Fits each model once, on train and validation, with the settings that the ranking chose on validation."""

    def __init__(self, dataset: Dataset, split: Split, seed: int) -> None:
        self.dataset, self.seed = dataset, seed
        self.ranker = fit_ranker(dataset, split, seed)
        self.ratings = dataset.ratings.take(np.union1d(split.train, split.validation))

    def lists(self, name: str, cases: RankingCases) -> NDArray[np.int32]:
        """The top K of each case, shape (cases, K)."""
        if name == "ranking" or name in ABLATIONS:
            settings = replace(self.ranker.settings, **ABLATIONS.get(name, {}))
            return replace(self.ranker, settings=settings).lists(self.dataset, cases, K)
        scores, lists = getattr(self, f"_{name}")(), []
        for part in cases.blocks():
            rated = histories(self.dataset, part.user_index, part.at)
            values = np.asarray(scores(self.dataset, part, rated), np.float64)
            values[rated.nonzero()] = values[:, 0] = -np.inf
            lists.append(best_of(self.dataset, values))
        return np.concatenate(lists)

    def _popular_all(self) -> Scores:
        return _popular(1e6 * DAY)

    def _popular_365(self) -> Scores:
        """Ratings of the 365 days before, all alike."""

        def scores(dataset: Dataset, cases: RankingCases, _rated: csr_matrix) -> NDArray[np.floating]:
            ratings, found = dataset.ratings, np.zeros((len(cases), len(dataset.movies)))
            begin = np.searchsorted(ratings.rated_at, cases.at - 365 * DAY)
            end = np.searchsorted(ratings.rated_at, cases.at)
            for row, part in enumerate(map(slice, begin.tolist(), end.tolist())):
                found[row] = np.bincount(ratings.movie_index[part], minlength=found.shape[1])
            return found

        return scores

    def _popular_decay(self) -> Scores:
        return _popular(self.ranker.settings.half_life)

    def _ease(self) -> Scores:
        movies = len(self.dataset.movies)
        weights = item_weights(self.ratings, movies, self.ranker.settings.regularisation, strongest=movies)
        return lambda _dataset, _cases, rated: (_liked(rated) @ weights).toarray()

    def _item_knn(self) -> Scores:
        """Cosine of the liked ratings with shrinkage, the nearest neighbours of each movie."""
        liked = self._liked_by_user()
        together = (liked.T @ liked).tocsr()
        counts = together.diagonal()
        together.setdiag(0)
        together.eliminate_zeros()
        rows = np.repeat(np.arange(together.shape[0]), np.diff(together.indptr))
        together.data /= np.sqrt(counts[rows] * counts[together.indices]) + _SHRINKAGE
        for row in range(together.shape[0]):
            own = together.data[together.indptr[row] : together.indptr[row + 1]]
            if len(own) > _NEIGHBOURS:
                own[own < np.partition(own, -_NEIGHBOURS)[-_NEIGHBOURS]] = 0
        return lambda _dataset, _cases, rated: (_liked(rated) @ together).toarray()

    def _ials(self) -> Scores:
        """Implicit ALS (Hu et al., 2008); users are folded in by their history."""
        from implicit.cpu.als import AlternatingLeastSquares

        model = AlternatingLeastSquares(
            factors=_FACTORS, regularization=1.0, alpha=10.0, iterations=15, random_state=self.seed
        )
        model.fit(self._liked_by_user(), show_progress=False)

        def scores(_dataset: Dataset, cases: RankingCases, rated: csr_matrix) -> NDArray[np.floating]:
            users = np.arange(len(cases))
            folded: NDArray[np.float32] = model.recalculate_user(users, _liked(rated))
            return folded @ model.item_factors.T

        return scores

    def _bpr(self) -> Scores:
        """Bayesian personalised ranking (Rendle et al., 2009); a user who came after the fit gets popularity alone."""
        from implicit.cpu.bpr import BayesianPersonalizedRanking

        model = BayesianPersonalizedRanking(factors=_FACTORS, random_state=self.seed, num_threads=1)
        liked = self._liked_by_user()
        model.fit(liked, show_progress=False)
        popular, known = np.asarray(liked.sum(axis=0)).ravel(), np.diff(liked.indptr) > 0

        def scores(_dataset: Dataset, cases: RankingCases, _rated: csr_matrix) -> NDArray[np.floating]:
            found: NDArray[np.float32] = model.user_factors[cases.user_index] @ model.item_factors.T
            found[~known[cases.user_index]] = popular
            return found

        return scores

    def _liked_by_user(self) -> csr_matrix:
        liked = self.ratings.take(self.ratings.rating >= LIKED)
        shape = (len(self.dataset.user_ids), len(self.dataset.movies))
        ones = np.ones(len(liked), np.float32)
        return csr_matrix((ones, (liked.user_index, liked.movie_index)), shape=shape)


def _popular(half_life: float) -> Scores:
    def scores(dataset: Dataset, cases: RankingCases, _rated: csr_matrix) -> NDArray[np.floating]:
        return popularity_at_times(dataset.ratings, len(dataset.movies), cases.at, half_life)

    return scores


def _liked(rated: csr_matrix) -> csr_matrix:
    return rated_at_least(rated, LIKED)
