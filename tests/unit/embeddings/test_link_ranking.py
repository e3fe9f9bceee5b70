"""Ranks worked out by hand, on five nodes in one dimension."""

import numpy as np
import pytest

from kgrec_gds.embeddings.link_ranking import LinkScorer, evaluate, ranks

NONE = np.zeros((0, 3), np.int64)


def line(
    *places: float, relations: tuple[float, ...] = (1.0,), scoring: str = "transe", norm: int = 2
) -> LinkScorer:
    """Nodes on a line, so that distances can be read off."""
    return LinkScorer(
        np.array(places, np.float32)[:, None], np.array(relations, np.float32)[:, None], scoring, norm
    )


def test_transe_ranks_by_distance() -> None:
    # 0 + 1 = 1: distances of the tails 0..4 are 1, 0, 1, 2, 3, so node 3 is fourth.
    # Heads for tail 3: distances |h + 1 - 3| are 2, 1, 0, 1, 2; node 0 ties with node 4 behind three others.
    found = ranks(line(0, 1, 2, 3, 4), np.array([[0, 0, 3]]), NONE)
    assert found.tolist() == [[4.5, 4.0]]


def test_a_tie_counts_half() -> None:
    # Tail 2 (distance 1) ties with tail 0, behind tail 1.
    found = ranks(line(0, 1, 2, 3, 4), np.array([[0, 0, 2]]), NONE)
    assert found[0, 1] == 2.5


def test_known_triples_are_left_out_on_both_sides() -> None:
    known = np.array([[0, 0, 1], [0, 0, 0], [2, 0, 3], [1, 0, 3]])
    found = ranks(line(0, 1, 2, 3, 4), np.array([[0, 0, 3]]), known)
    # Tails left: 2, 3, 4 -> node 3 is second. Heads left: 0, 3, 4 -> 3 is better, 4 ties.
    assert found.tolist() == [[2.5, 2.0]]


def test_a_known_triple_of_another_relation_is_not_left_out() -> None:
    scorer = line(0, 1, 2, 3, 4, relations=(1.0, 5.0))
    assert ranks(scorer, np.array([[0, 0, 3]]), np.array([[0, 1, 1]]))[0, 1] == 4.0


def test_other_test_triples_count_as_known() -> None:
    found = ranks(line(0, 1, 2, 3, 4), np.array([[0, 0, 3], [0, 0, 1]]), NONE)
    assert found[0, 1] == 3.0


def test_distmult_and_inner_product() -> None:
    # h * r * t = 1 * 2 * t: the largest t is first. Heads for t = 3: 2 * 3 * h.
    product = ranks(line(0, 1, 2, 3, 4, relations=(2.0,), scoring="distmult"), np.array([[1, 0, 3]]), NONE)
    assert product.tolist() == [[4.0, 2.0]]
    inner = ranks(line(0, 1, 2, 3, 4, scoring="inner"), np.array([[1, 0, 3]]), NONE)
    assert inner.tolist() == [[4.0, 2.0]]


def test_l1_differs_from_l2() -> None:
    nodes = np.array([[0, 0], [2, 2], [3, 0]], np.float32)
    still = np.zeros((1, 2), np.float32)
    test = np.array([[0, 0, 1]])
    # Node 0 itself is first; (2, 2) is at 4 or 2.83, (3, 0) at 3.
    assert ranks(LinkScorer(nodes, still, "transe", 1), test, NONE)[0, 1] == 3.0
    assert ranks(LinkScorer(nodes, still, "transe", 2), test, NONE)[0, 1] == 2.0


def test_a_node_without_vector_ranks_last_and_its_candidates_tie() -> None:
    scorer = line(0, 1, float("nan"), 3, float("nan"))
    found = ranks(scorer, np.array([[0, 0, 2], [2, 0, 1]]), NONE)
    # As a tail it ties with node 4 behind three others; with it as the known head all five tails tie.
    assert found[0, 1] == 4.5
    assert found[1, 1] == 3.0
    assert evaluate(scorer, np.array([[0, 0, 2], [0, 0, 1]]), NONE).unseen_triples == 1


def test_metrics_by_hand_and_by_relation() -> None:
    scorer = line(0, 1, 2, 3, 4, relations=(1.0, 2.0))
    test = np.array([[0, 0, 1], [0, 1, 3]])
    # First triple: both ranks 1. Second: tails at |2 - t| = 2, 1, 0, 1, 2 -> 3 ties with 1: 2.5;
    # heads at |h + 2 - 3| = 1, 0, 1, 2, 3 -> 0 ties with 2: 2.5.
    found = evaluate(scorer, test, NONE, ["A", "B"])
    assert found.mrr == pytest.approx((1 + 1 + 0.4 + 0.4) / 4)
    assert found.mean_rank == pytest.approx(1.75)
    assert (found.hits_at_1, found.hits_at_3, found.triples) == (0.5, 1.0, 2)
    assert found.by_relation["B"].mrr == pytest.approx(0.4)


def test_batches_do_not_change_ranks(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    scorer = LinkScorer(
        rng.normal(size=(50, 4)).astype(np.float32), rng.normal(size=(3, 4)).astype(np.float32), "transe"
    )
    test = np.stack([rng.integers(50, size=40), rng.integers(3, size=40), rng.integers(50, size=40)], axis=1)
    whole = ranks(scorer, test, NONE)
    monkeypatch.setattr("kgrec_gds.embeddings.link_ranking.MAX_SCORES", 100)
    assert (ranks(scorer, test, NONE) == whole).all()
