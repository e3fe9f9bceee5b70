"""Ranking metrics of each model as plain records, with intervals over users and paired differences."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.evaluation.intervals import paired_differences
from kgrec_gds.evaluation.ranking_run import RankedCases
from kgrec_gds.ranking.cases import Relevant, histories
from kgrec_gds.ranking.ranking_metrics import case_metrics, discounts_of, hits_of, mean_over_users

#: Models that all others are compared with, by NDCG.
COMPARED = ("ranking", "popular_365", "popular_decay")
RELEVANT: tuple[Relevant, ...] = ("any", "liked")
METRICS = ("ndcg", "recall", "hit_rate", "mrr")
_COMMONEST = 20
#: Segments by the number of ratings of the user before the case.
_HISTORIES = {
    "new_user": (0, 1),
    "history_1": (1, 10),
    "history_10": (10, 100),
    "history_100": (100, 1 << 62),
}


def ranking_records(
    dataset: Dataset, ranked: Sequence[RankedCases]
) -> tuple[list[Any], list[Any], list[Any]]:
    """Records by model, kind of cases and relevant movies; the same by segment; and differences between models."""
    whole: list[Any] = []
    segments: list[Any] = []
    comparisons: list[Any] = []
    for kind in {id(each.cases): each.cases for each in ranked}.values():
        own = [each for each in ranked if each.cases is kind]
        lengths = np.diff(histories(dataset, kind.cases.user_index, kind.cases.at).indptr)
        for relevant in RELEVANT:
            wanted = kind.cases.relevant(relevant)
            measured = _measure(own, wanted)
            about = {"cases": kind.kind, "relevant": relevant}
            lists = {each.model: _lists(dataset, each, wanted) for each in own}
            for record in _means(measured, kind.cases.user_index, np.ones(len(lengths), bool)):
                model = record["model"]
                whole.append({"model": model, **about, **record, **lists[model]})
            for segment, (low, high) in _HISTORIES.items():
                mask = (lengths >= low) & (lengths < high)
                for record in _means(measured, kind.cases.user_index, mask):
                    segments.append({"model": record["model"], **about, "segment": segment, **record})
            comparisons += ({**about, **each} for each in _comparisons(measured, kind.cases.user_index))
    return whole, segments, comparisons


def _measure(ranked: Sequence[RankedCases], wanted: csr_matrix) -> dict[str, NDArray[np.float64]]:
    """Metrics of each model in each case, NaN where it did not answer or nothing is relevant; (cases, metrics)."""
    there, found = np.diff(wanted.indptr) > 0, {}
    for each in ranked:
        kept = there[each.rows]
        metrics = case_metrics(each.lists[kept], wanted[each.rows[kept]])
        values = np.full((len(there), len(METRICS)), np.nan)
        values[each.rows[kept]] = np.stack([getattr(metrics, name) for name in METRICS], axis=1)
        found[each.model] = values
    return found


def _means(
    measured: dict[str, NDArray[np.float64]], users: NDArray[np.int32], mask: NDArray[np.bool_]
) -> Iterator[dict[str, Any]]:
    """Mean over users of each metric with the interval of NDCG; models that answered the same cases share the draws."""
    for models, rows in _same_cases(
        {name: ~np.isnan(values[:, 0]) & mask for name, values in measured.items()}
    ):
        columns = np.concatenate([measured[model][rows] for model in models], axis=1)
        means, distinct = _by_user(columns, users[rows])
        intervals = iter(paired_differences(means, distinct))
        for model in models:
            own = dict(zip(METRICS, intervals, strict=False))
            yield {
                "model": model,
                **{name: interval.difference for name, interval in own.items()},
                "ndcg_low": own["ndcg"].low,
                "ndcg_high": own["ndcg"].high,
                "users": len(distinct),
            }


def _same_cases(masks: dict[Any, NDArray[np.bool_]]) -> Iterator[tuple[list[Any], NDArray[np.int64]]]:
    """Keys with equal masks, and the rows of the mask; none where it is empty."""
    groups: dict[bytes, list[Any]] = {}
    for key, mask in masks.items():
        groups.setdefault(mask.tobytes(), []).append(key)
    for keys in groups.values():
        if masks[keys[0]].any():
            yield keys, np.flatnonzero(masks[keys[0]])


def _comparisons(
    measured: dict[str, NDArray[np.float64]], users: NDArray[np.int32]
) -> Iterator[dict[str, Any]]:
    pairs = [
        (model, other) for model in COMPARED if model in measured for other in measured if other != model
    ]
    differences = {pair: measured[pair[0]][:, 0] - measured[pair[1]][:, 0] for pair in pairs}
    for same, rows in _same_cases({pair: ~np.isnan(values) for pair, values in differences.items()}):
        means, distinct = _by_user(np.stack([differences[pair][rows] for pair in same], axis=1), users[rows])
        for (model, against), interval in zip(same, paired_differences(means, distinct), strict=True):
            yield {
                **{"model": model, "against": against, "metric": "ndcg"},
                **{"difference": interval.difference, "low": interval.low, "high": interval.high},
                "users": len(distinct),
            }


def _by_user(
    values: NDArray[np.float64], users: NDArray[np.int32]
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Mean of each column over the cases of each user, shape (users, columns), and the users."""
    distinct, of_user = np.unique(users, return_inverse=True)
    counts = np.bincount(of_user)
    return np.stack([np.bincount(of_user, column) / counts for column in values.T], axis=1), distinct


def _lists(dataset: Dataset, ranked: RankedCases, wanted: csr_matrix) -> dict[str, Any]:
    """What a model's lists hold, beside how well they hit."""
    cases, there = ranked.cases.cases, np.diff(wanted.indptr)[ranked.rows] > 0
    rows, lists = ranked.rows[there], ranked.lists[there]
    wanted, listed = wanted[rows], lists[lists > 0]
    before = dataset.ratings.movie_index[dataset.ratings.rated_at < cases.at.min()]
    counts = np.bincount(before, minlength=len(dataset.movies))
    rank = np.zeros(len(counts), np.int64)
    rank[np.argsort(-counts[1:], kind="stable") + 1] = np.arange(1, len(counts))
    places = np.sort(np.bincount(listed, minlength=len(counts)))[::-1]
    information = -np.log2((counts[listed] + 1) / (len(before) + len(counts)))
    weighted = _weighted_ndcg(lists, wanted, 1 / np.sqrt(counts + 1.0))
    unrated = wanted.multiply((counts == 0)[None, :]).tocsr()
    unrated.eliminate_zeros()
    with_unrated = np.diff(unrated.indptr) > 0
    on_unrated = case_metrics(lists[with_unrated], unrated[with_unrated]) if with_unrated.any() else None
    return {
        "coverage": len(np.unique(listed)) / (len(dataset.movies) - 1),
        "popularity_rank": float(rank[listed].mean()),
        "novelty": float(information.mean()),
        "commonest_share": float(places[:_COMMONEST].sum() / len(listed)),
        "ndcg_against_popularity": mean_over_users(weighted, cases.user_index[rows]),
        "recall_of_never_rated": None if on_unrated is None else float(on_unrated.recall.mean()),
    }


def _weighted_ndcg(
    lists: NDArray[np.int32], wanted: csr_matrix, weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """NDCG in which a hit gains the movie's weight, shape (cases,)."""
    discounts, ideal = discounts_of(lists.shape[1]), np.zeros(len(lists))
    gains = (hits_of(lists, wanted) * weight[lists] * discounts).sum(axis=1)
    for row in range(len(lists)):
        own = np.sort(weight[wanted.indices[wanted.indptr[row] : wanted.indptr[row + 1]]])[::-1]
        ideal[row] = (own[: len(discounts)] * discounts[: len(own)]).sum()
    return gains / ideal
