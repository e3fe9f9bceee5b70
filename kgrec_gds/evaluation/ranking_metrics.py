"""How well predicted ratings order the whole catalogue for a user: Recall, NDCG, MRR at k, and coverage.

A case is a test user at one moment: the middle of their test ratings, so that a user who came after training has
some history. What they rated before the moment is history and no candidate; every other movie of the catalogue is
a candidate; the movies that they rated from the moment on, and liked, are the relevant ones.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.baseline_estimates import Queries
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.splits import Split
from kgrec_gds.evaluation.predictors import QueryPredictor

#: Ratings from here on count as liked (4 of 5 stars).
LIKED = 8.0


@dataclass(frozen=True)
class Case:
    """One user at one moment."""

    user_index: int
    at: int
    candidates: NDArray[np.int32]
    """Movies without a rating by the user strictly before `at`, ascending."""
    relevant: NDArray[np.int32]
    """Movies rated `LIKED` or more at or after `at`; never empty."""


@dataclass(frozen=True)
class RankingScores:
    """Means over the cases, and the share of the catalogue that occurs in any list."""

    recall: float
    ndcg: float
    mrr: float
    coverage: float
    k: int
    users: int


def recall(hits: NDArray[np.bool_], relevant: int) -> float:
    """Share of the relevant movies that are in the list; `hits` says which places of the list are relevant."""
    return float(hits.sum() / relevant)


def ndcg(hits: NDArray[np.bool_], relevant: int) -> float:
    """Discounted gain of the list over that of a perfect one; a hit at place p (from 1) gains 1 / log2(p + 1)."""
    discounts = 1 / np.log2(np.arange(2, len(hits) + 2))
    return float(discounts[hits].sum() / discounts[: min(relevant, len(hits))].sum())


def reciprocal_rank(hits: NDArray[np.bool_]) -> float:
    """1 / place of the first hit, 0 where the list has none."""
    return float(1 / (hits.argmax() + 1)) if hits.any() else 0.0


def choose_cases(dataset: Dataset, split: Split, *, users: int = 300, seed: int = 0) -> list[Case]:
    """A seeded sample of test users with something to find, ascending by user.

    Args:
        dataset: the ratings and the catalogue.
        split: whose test part names the users.
        users: the most users; all of them where there are fewer.
        seed: of the sample.
    """
    ratings = dataset.ratings
    test_user = ratings.user_index[split.test]
    shuffled = np.random.default_rng(seed).permutation(np.unique(test_user))
    cases: list[Case] = []
    for user in shuffled.tolist():
        own = split.test[test_user == user]  # ascending rows, so in time order
        at = int(ratings.rated_at[own[len(own) // 2]])
        later = own[ratings.rated_at[own] >= at]
        relevant = ratings.movie_index[later[ratings.rating[later] >= LIKED]]
        if not len(relevant):
            continue
        before = ratings.movie_index[(ratings.user_index == user) & (ratings.rated_at < at)]
        candidates = np.setdiff1d(np.arange(1, len(dataset.movies), dtype=np.int32), before)
        cases.append(Case(user, at, candidates, np.unique(relevant)))
        if len(cases) == users:
            break
    return sorted(cases, key=lambda case: case.user_index)


def top_lists(
    predictor: QueryPredictor,
    dataset: Dataset,
    cases: list[Case],
    *,
    k: int = 10,
    queries_at_once: int = 250_000,
) -> NDArray[np.int32]:
    """The k best candidates of each case, best first, shape (cases, k), filled up with 0; ties by movie index."""
    lists = np.zeros((len(cases), k), np.int32)
    per_case = max(1, queries_at_once // max(1, len(dataset.movies)))
    for first in range(0, len(cases), per_case):
        block = cases[first : first + per_case]
        sizes = [len(case.candidates) for case in block]
        queries = Queries(
            np.repeat([case.user_index for case in block], sizes).astype(np.int32),
            np.concatenate([case.candidates for case in block]),
            np.repeat([case.at for case in block], sizes).astype(np.int64),
        )
        predicted = np.split(predictor.predict_queries(dataset, queries), np.cumsum(sizes)[:-1])
        for row, (case, values) in enumerate(zip(block, predicted, strict=True), start=first):
            best = case.candidates[np.argsort(-values, kind="stable")[:k]]
            lists[row, : len(best)] = best
    return lists


def ranking_scores(lists: NDArray[np.int32], cases: list[Case], catalogue: int) -> RankingScores:
    """Metrics of the lists.

    Args:
        lists: shape (cases, k), as of `top_lists`.
        cases: the cases, in the same order.
        catalogue: number of movies, padding not counted.
    """
    found = [np.isin(row, case.relevant) for row, case in zip(lists, cases, strict=True)]
    wanted = [len(case.relevant) for case in cases]
    pairs = list(zip(found, wanted, strict=True))
    return RankingScores(
        recall=float(np.mean([recall(hits, n) for hits, n in pairs])),
        ndcg=float(np.mean([ndcg(hits, n) for hits, n in pairs])),
        mrr=float(np.mean([reciprocal_rank(hits) for hits in found])),
        coverage=len(np.setdiff1d(lists, [0])) / catalogue,
        k=lists.shape[1],
        users=len(cases),
    )
