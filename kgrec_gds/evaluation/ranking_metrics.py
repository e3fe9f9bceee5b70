"""Ranking metrics of the catalogue ordered by predicted rating: recall, NDCG and MRR at k, and coverage.

A case is a test user at the time of the middle of their test ratings, so that a user who came after training has some
history. What they rated before is history; every other movie of the catalogue is a candidate; the movies that they
rated from then on, and liked, are relevant.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.data.splits import Split
from kgrec_gds.models.base import RatingModel

#: Lowest rating of a liked movie (4 of 5 stars).
LIKED = 8.0
_QUERIES_AT_ONCE = 250_000


@dataclass(frozen=True)
class Case:
    """One user at one time."""

    user_index: int
    at: int
    candidates: NDArray[np.int32]
    """Movies without a rating by the user strictly before `at`, ascending."""
    relevant: NDArray[np.int32]
    """Movies rated `LIKED` or more at or after `at`; never empty."""


@dataclass(frozen=True)
class RankingScores:
    """Means over the cases, and the share of the catalogue that occurs in any of the lists."""

    recall: float
    ndcg: float
    mrr: float
    coverage: float
    k: int
    users: int


def recall(hits: NDArray[np.bool_], relevant: int) -> float:
    """Share of the relevant movies that are in the list; `hits` marks the places of the list that are relevant."""
    return float(hits.sum() / relevant)


def ndcg(hits: NDArray[np.bool_], relevant: int) -> float:
    """Discounted gain of the list divided by that of a perfect list; a hit at place p (from 1) gains 1 / log2(p + 1)."""
    discounts = 1 / np.log2(np.arange(2, len(hits) + 2))
    return float(discounts[hits].sum() / discounts[: min(relevant, len(hits))].sum())


def reciprocal_rank(hits: NDArray[np.bool_]) -> float:
    """One over the place of the first hit, 0 for a list without hits."""
    return float(1 / (hits.argmax() + 1)) if hits.any() else 0.0


def choose_cases(dataset: Dataset, split: Split, *, users: int = 300, seed: int = 0) -> list[Case]:
    """A seeded sample of test users with at least one relevant movie, at most `users`, ascending by user."""
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


def candidate_ratings(model: RatingModel, dataset: Dataset, cases: list[Case]) -> NDArray[np.float32]:
    """Predicted rating of every candidate, case after case, shape (candidates of all cases,)."""
    at_once = max(1, _QUERIES_AT_ONCE // max(1, len(dataset.movies)))
    predicted = [np.zeros(0, np.float32)]
    for first in range(0, len(cases), at_once):
        block = cases[first : first + at_once]
        sizes = [len(case.candidates) for case in block]
        at = np.repeat([case.at for case in block], sizes).astype(np.int64)
        user = np.repeat([case.user_index for case in block], sizes).astype(np.int32)
        movie = np.concatenate([case.candidates for case in block])
        predicted.append(model.predict(dataset, Queries(user, movie, at, at)))
    return np.concatenate(predicted)


def top_lists(cases: list[Case], predicted: NDArray[np.float32], *, k: int = 10) -> NDArray[np.int32]:
    """The k candidates of each case with the highest predicted rating, of `candidate_ratings`; ties by movie index.

    Returns:
        shape (cases, k), the best movie first, 0 where there are fewer candidates.
    """
    lists = np.zeros((len(cases), k), np.int32)
    ends = np.cumsum([len(case.candidates) for case in cases])
    for row, (case, values) in enumerate(zip(cases, np.split(predicted, ends[:-1]), strict=True)):
        best = case.candidates[np.argsort(-values, kind="stable")[:k]]
        lists[row, : len(best)] = best
    return lists


def ranking_scores(lists: NDArray[np.int32], cases: list[Case], catalogue: int) -> RankingScores:
    """Metrics of the lists of `top_lists`; `catalogue` is the number of movies, without padding."""
    pairs = [
        (np.isin(row, case.relevant), len(case.relevant)) for row, case in zip(lists, cases, strict=True)
    ]
    return RankingScores(
        recall=float(np.mean([recall(hits, relevant) for hits, relevant in pairs])),
        ndcg=float(np.mean([ndcg(hits, relevant) for hits, relevant in pairs])),
        mrr=float(np.mean([reciprocal_rank(hits) for hits, _ in pairs])),
        coverage=len(np.setdiff1d(lists, [0])) / catalogue,
        k=lists.shape[1],
        users=len(cases),
    )
