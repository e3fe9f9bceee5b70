"""Filtered ranking of held-out triples on both sides, with realistic ranks.

For a triple (h, r, t) every node replaces t (then h); nodes that form another known triple are left out. The rank
of the true node is the mean of the optimistic and the pessimistic rank:
1 + candidates with a better score + other candidates with the same score / 2 (Berrendorf et al., 2020).
Scores are summed in double precision from the float32 vectors, as in `kgrec.kge.evaluate`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Scoring = Literal["transe", "distmult", "inner"]

#: Most scores in memory: test triples of a batch times all nodes.
MAX_SCORES = 4_000_000


@dataclass(frozen=True)
class LinkScorer:
    """Vectors and the function that scores a triple by them; a row of NaN is a missing vector."""

    nodes: NDArray[np.float32]
    """Shape (nodes, dimension)."""
    relations: NDArray[np.float32]
    """Shape (relationship types, dimension); not read by `inner`."""
    scoring: Scoring
    """`transe`: -||h + r - t||; `distmult`: <h, r, t>; `inner`: <h, t>, for methods without relation vectors."""
    norm: int = 2
    """Norm of `transe`: 1 or 2."""


@dataclass(frozen=True)
class LinkPrediction:
    """Ranking metrics over both sides of all test triples."""

    triples: int
    unseen_triples: int
    """Triples in which a node or the relationship type has no vector; they count in every metric."""
    mrr: float
    """Mean of 1 / rank."""
    mean_rank: float
    hits_at_1: float
    """Share of ranks of at most 1."""
    hits_at_3: float
    hits_at_10: float
    by_relation: dict[str, "LinkPrediction"] = field(default_factory=dict)


class _Known:
    """True nodes by (fixed node, relation), looked up by binary search."""

    def __init__(self, fixed: NDArray, relation: NDArray, answer: NDArray, relations: int) -> None:
        key = fixed.astype(np.int64) * relations + relation
        order = np.argsort(key, kind="stable")
        self._key, self._answer, self._relations = key[order], answer[order], relations

    def of(self, fixed: int, relation: int) -> NDArray[np.int64]:
        key = fixed * self._relations + relation
        start, stop = np.searchsorted(self._key, [key, key + 1])
        found: NDArray[np.int64] = self._answer[start:stop]
        return found


def ranks(scorer: LinkScorer, test: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.float64]:
    """Realistic filtered ranks.

    Args:
        scorer: vectors of all nodes and relationship types.
        test: (triples, 3), columns head, relation, tail, as row numbers of the scorer's vectors.
        known: (triples, 3), all triples of training and validation; those of `test` are added.

    Returns:
        (triples, 2): rank of the head, rank of the tail.
    """
    found = np.empty((len(test), 2))
    known = np.concatenate([known, test])
    relations = int(known[:, 1].max(initial=0)) + 1
    for side, (fixed, answer) in enumerate(((2, 0), (0, 2))):
        answers = _Known(known[:, fixed], known[:, 1], known[:, answer], relations)
        for rows in _batches(test[:, 1], len(scorer.nodes)):
            scores = _scores(
                scorer, test[rows, fixed], int(test[rows[0], 1]), heads=side == 0
            )  # (rows, nodes)
            true = scores[np.arange(len(rows)), test[rows, answer]].copy()
            for line, row in enumerate(rows):
                scores[line, answers.of(int(test[row, fixed]), int(test[row, 1]))] = np.nan
            # NaN compares as false, and the true node is itself known: it ties with other nodes only.
            better = (scores > true[:, None]).sum(axis=1)
            ties = (scores == true[:, None]).sum(axis=1)
            found[rows, side] = 1 + better + ties / 2
    return found


def _batches(relation: NDArray[np.int64], nodes: int) -> Iterator[NDArray[np.int64]]:
    size = max(1, MAX_SCORES // max(nodes, 1))
    order = np.argsort(relation, kind="stable")
    boundaries = np.flatnonzero(np.diff(relation[order])) + 1
    for rows in np.split(order, boundaries):
        for start in range(0, len(rows), size):
            yield rows[start : start + size]


def _scores(
    scorer: LinkScorer, fixed: NDArray[np.int64], relation: int, *, heads: bool
) -> NDArray[np.float64]:
    """Scores of every node on the open side, shape (fixed, nodes); larger is better."""
    from scipy.spatial.distance import cdist

    nodes = scorer.nodes.astype(np.float64)
    given = nodes[fixed]
    if scorer.scoring == "transe":
        translation = scorer.relations[relation].astype(np.float64)
        # Squared distances rank alike, and rounding of the root creates no ties.
        metric = "cityblock" if scorer.norm == 1 else "sqeuclidean"
        scores = -(
            cdist(given, nodes + translation, metric) if heads else cdist(given + translation, nodes, metric)
        )
        absent_relation = bool(np.isnan(translation[0]))
    elif scorer.scoring == "distmult":
        weights = scorer.relations[relation].astype(np.float64)
        # einsum sums every pair in the same order, a matrix product may not: equal vectors tie exactly.
        left, right = (given, nodes * weights) if heads else (given * weights, nodes)
        scores = np.einsum("id,jd->ij", left, right)
        absent_relation = bool(np.isnan(weights[0]))
    else:
        scores = np.einsum("id,jd->ij", given, nodes)
        absent_relation = False
    scores[:, np.isnan(nodes[:, 0])] = -np.inf
    # If the known node or the relation has no vector, all candidates tie.
    scores[np.isnan(given[:, 0]) | absent_relation] = 0.0
    return scores


def evaluate(
    scorer: LinkScorer, test: NDArray[np.int64], known: NDArray[np.int64], names: list[str] | None = None
) -> LinkPrediction:
    """Ranking metrics of the test triples, overall and (with `names` of the relationship types) by type."""
    found = ranks(scorer, test, known)
    absent = np.isnan(scorer.nodes[:, 0])
    unseen = absent[test[:, 0]] | absent[test[:, 2]]
    if scorer.scoring != "inner":
        unseen |= np.isnan(scorer.relations[test[:, 1], 0])
    by_relation = {
        name: summarise(found[test[:, 1] == row], unseen[test[:, 1] == row])
        for row, name in enumerate(names or [])
        if (test[:, 1] == row).any()
    }
    return summarise(found, unseen, by_relation)


def summarise(
    found: NDArray[np.float64],
    unseen: NDArray[np.bool_],
    by_relation: dict[str, LinkPrediction] | None = None,
) -> LinkPrediction:
    """Metrics of ranks of shape (triples, 2); all 0 without triples."""
    if not len(found):
        return LinkPrediction(0, 0, 0.0, 0.0, 0.0, 0.0, 0.0)
    return LinkPrediction(
        triples=len(found),
        unseen_triples=int(unseen.sum()),
        mrr=float((1 / found).mean()),
        mean_rank=float(found.mean()),
        hits_at_1=float((found <= 1).mean()),
        hits_at_3=float((found <= 3).mean()),
        hits_at_10=float((found <= 10).mean()),
        by_relation=by_relation or {},
    )
