"""Ranking metrics of top-k lists: NDCG, recall, hit rate and mean reciprocal rank, one value a case."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix


@dataclass(frozen=True)
class CaseMetrics:
    """Metrics of each case, shape (cases,)."""

    ndcg: NDArray[np.float64]
    recall: NDArray[np.float64]
    hit_rate: NDArray[np.float64]
    mrr: NDArray[np.float64]


def hits_of(lists: NDArray[np.int32], relevant: csr_matrix) -> NDArray[np.bool_]:
    """Which places of the lists hold a relevant movie, shape (cases, k); 0 in a list is no movie."""
    movies = relevant.shape[1]
    rows = np.repeat(np.arange(len(lists)), np.diff(relevant.indptr))
    keys = rows.astype(np.int64) * movies + relevant.indices
    wanted = np.arange(len(lists))[:, None].astype(np.int64) * movies + lists
    found: NDArray[np.bool_] = np.isin(wanted, keys) & (lists > 0)
    return found


def case_metrics(lists: NDArray[np.int32], relevant: csr_matrix) -> CaseMetrics:
    """Metrics of the lists, best movie first, against the relevant movies of each case, of which each has some.

    A hit at place p (from 1) gains 1 / log2(p + 1); NDCG divides the sum by that of a perfect list of length k.
    """
    hits, counts = hits_of(lists, relevant), np.diff(relevant.indptr)
    discounts = discounts_of(lists.shape[1])
    ideal = np.concatenate([[0.0], np.cumsum(discounts)])[np.minimum(counts, len(discounts))]
    any_hit = np.asarray(hits.any(axis=1), bool)
    first = np.asarray(hits.argmax(axis=1), np.float64)
    return CaseMetrics(
        ndcg=(hits * discounts).sum(axis=1) / ideal,
        recall=hits.sum(axis=1) / counts,
        hit_rate=np.asarray(any_hit, np.float64),
        mrr=np.where(any_hit, 1 / (first + 1), 0.0),
    )


def discounts_of(k: int) -> NDArray[np.float64]:
    """Gain of a hit at each place, shape (k,)."""
    return 1 / np.log2(np.arange(2, k + 2))


def mean_over_users(values: NDArray[np.float64], user_index: NDArray[np.int32]) -> float:
    """Mean over users of each user's mean over their cases; NaN without cases."""
    if not len(values):
        return float("nan")
    _, user = np.unique(user_index, return_inverse=True)
    return float(np.mean(np.bincount(user, values) / np.bincount(user)))
