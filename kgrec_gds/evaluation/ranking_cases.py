"""The cases in which rankings are evaluated, and the movies in the order of predicted rating."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.data.splits import Split
from kgrec_gds.models.base import RatingModel
from kgrec_gds.ranking.cases import CaseKind, RankingCases, day_cases, histories, midpoint_cases
from kgrec_gds.ranking.signals import highest, tie_order

K = 10
_QUERIES_AT_ONCE = 250_000


@dataclass(frozen=True)
class EvaluatedCases:
    """All cases of one kind, and the sample that rating models answer: predicting whole catalogues is slow."""

    kind: CaseKind
    cases: RankingCases
    sampled: NDArray[np.int64]
    """Rows of the cases that rating models answer, ascending."""


def evaluated_cases(dataset: Dataset, split: Split, users: int, seed: int = 0) -> list[EvaluatedCases]:
    """Every test user at the middle of their test ratings, and at the beginning of days.

    Args:
        dataset: all ratings.
        split: its test ratings are what should be recommended.
        users: at most so many cases of each kind, of as many users, for rating models.
        seed: of the days and the sample.
    """
    found = []
    kinds: tuple[tuple[CaseKind, RankingCases], ...] = (
        ("midpoint", midpoint_cases(dataset, split.test)),
        ("day", day_cases(dataset, split.test, seed)),
    )
    shuffled = np.random.default_rng(seed).permutation(len(dataset.user_ids))
    for kind, cases in kinds:
        place = np.argsort(shuffled[cases.user_index], kind="stable")
        found.append(EvaluatedCases(kind, cases, np.sort(place[:users])))
    return found


def predicted_ratings(model: RatingModel, dataset: Dataset, cases: RankingCases) -> NDArray[np.float32]:
    """Predicted rating of every movie in every case, minus infinity where it was rated before; shape (cases, movies)."""
    movies = len(dataset.movies)
    found = np.full((len(cases), movies), -np.inf, np.float32)
    block = max(1, _QUERIES_AT_ONCE // movies)
    for first in range(0, len(cases), block):
        part = slice(first, first + block)
        free = np.ones((len(cases.at[part]), movies), bool)
        free[histories(dataset, cases.user_index[part], cases.at[part]).nonzero()] = False
        free[:, 0] = False
        case, movie = np.nonzero(free)
        at = cases.at[part][case]
        queries = Queries(cases.user_index[part][case], movie.astype(np.int32), at, at)
        found[part][free] = model.predict(dataset, queries)
    return found


def best_of(dataset: Dataset, values: NDArray[np.floating]) -> NDArray[np.int32]:
    """The K movies with the highest values of each case, best first, 0 where there are fewer; shape (cases, K)."""
    tie, lists = dataset.derive(tie_order), np.zeros((len(values), K), np.int32)
    for row, own in enumerate(values):
        free = np.flatnonzero(np.isfinite(own))
        best = free[highest(own[free].astype(np.float64), tie[free], K)]
        lists[row, : len(best)] = best
    return lists
