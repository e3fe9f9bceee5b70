"""Ranks on a graph of five nodes, worked out by hand."""

import pytest

# One dimension: the relation BY adds 1.
NODES = {"a": [0.0], "b": [1.0], "c": [1.0], "d": [2.0], "e": [4.0]}
TYPES = {"BY": [1.0]}


def _ranks(kge, train, *, test, name="transe", **configuration):
    rows = kge.query(
        "CALL kgrec.kge.ranks($train, $configuration) YIELD sourceNodeId, targetNodeId, headRank, tailRank "
        "MATCH (h), (t) WHERE id(h) = sourceNodeId AND id(t) = targetNodeId "
        "RETURN h.key + t.key AS pair, headRank, tailRank",
        train=train,
        configuration={"scoringFunction": name, "testGraph": test, **configuration},
    )
    return {row["pair"]: (row["headRank"], row["tailRank"]) for row in rows}


def test_ties_give_the_mean_of_the_best_and_the_worst_rank(kge):
    kge.store(NODES, {"train": [("d", "BY", "e")], "test": [("a", "BY", "b")]})
    kge.set_vectors(NODES, TYPES)
    # tail of a + 1 = 1: b and c at distance 0 tie for 1 and 2; head of b: a is 0 away, alone
    assert _ranks(kge, "train", test="test") == {"ab": (1.0, 1.5)}


def test_known_triples_are_left_out(kge):
    kge.store(
        NODES,
        {
            "train": [("a", "BY", "c")],
            "test": [("a", "BY", "b"), ("b", "BY", "b")],
            "known": [("c", "BY", "b")],
        },
    )
    kge.set_vectors(NODES, TYPES)
    unfiltered = {"ab": (1.0, 1.0), "bb": (2.0, 2.5)}
    # bb, tail: 1 + 1 = 2, d at 0; b, c at 1 tie (a at 2, e at 2). Head of b: a at 0 is known (ab), so b and c tie at 1 ...
    assert _ranks(kge, "train", test="test") == unfiltered | {"bb": (1.5, 2.5)}
    # ... and with cb known too, b is alone.
    assert _ranks(kge, "train", test="test", filterGraphs=["known"]) == unfiltered | {"bb": (1.0, 2.5)}


def test_l1_l2_and_distmult_rank_by_their_score(kge):
    kge.store("hxy", {"train": [("x", "BY", "y")], "test": [("h", "BY", "x")]})
    # h + r = 0. x is 3 + 3 = 6 away by L1 and 4.24 by L2; y 5 by both; h itself 0.
    kge.set_vectors({"h": [0.0, 0.0], "x": [3.0, 3.0], "y": [5.0, 0.0]}, {"BY": [0.0, 0.0]})
    assert _ranks(kge, "train", test="test", distance="l1")["hx"][1] == 3.0
    assert _ranks(kge, "train", test="test", distance="l2")["hx"][1] == 2.0
    # <h, r, .>: x 1 * 1 * 3 + 2 * 0.5 * 3 = 6; y 5; h 1 + 2 = 3
    kge.set_vectors({"h": [1.0, 2.0], "x": [3.0, 3.0], "y": [5.0, 0.0]}, {"BY": [1.0, 0.5]}, "distMult")
    assert _ranks(kge, "train", test="test", name="distmult")["hx"] == (3.0, 1.0)


def test_nodes_without_vector_rank_last(kge):
    kge.store(
        NODES,
        {
            "train": [("a", "BY", "b")],
            "test": [("a", "BY", "d"), ("d", "BY", "b")],
            "new": [("a", "OTHER", "b")],
        },
    )
    kge.set_vectors({key: NODES[key] for key in "abc"}, TYPES)
    ranks = _ranks(kge, "train", test="test")
    # a -> d: of c, d, e (a too; b is known) two have vectors, so d and e tie behind a and c: (3 + 4) / 2.
    # The head side's known entity is d, without a vector: all five tie.
    assert ranks["ad"] == (3.0, 3.5)
    # head of b: a is known; b and c have vectors, then d and e tie.
    assert ranks["db"] == (3.5, 3.0)
    unseen = kge.one("evaluate", "train", testGraph="test")
    assert (unseen["tripleCount"], unseen["unseenTripleCount"]) == (2, 2)
    assert unseen["mrr"] == pytest.approx((1 / 3 + 1 / 3.5) / 2)
    # a type without training triples
    assert _ranks(kge, "train", test="new") == {"ab": (3.0, 3.0)}


def test_metrics_are_over_both_sides_and_by_type(kge):
    kge.store(NODES, {"train": [("d", "BY", "e")], "test": [("a", "BY", "b"), ("b", "BY", "b")]})
    kge.set_vectors(NODES, TYPES)
    # ab: head 1, tail 1.5; bb: head: a known, b and c tie 1.5; tail: d first, b and c tie: 2.5
    row = kge.one("evaluate", "train", testGraph="test")
    assert row["mrr"] == pytest.approx((1 + 1 / 1.5 + 1 / 1.5 + 1 / 2.5) / 4)
    assert row["mr"] == pytest.approx((1 + 1.5 + 1.5 + 2.5) / 4)
    assert (row["hitsAt1"], row["hitsAt3"], row["hitsAt10"]) == (0.25, 1.0, 1.0)
    (by_type,) = row["byRelationshipType"]
    assert (by_type["relationshipType"], by_type["tripleCount"], by_type["mrr"]) == ("BY", 2, row["mrr"])


def test_leaks_are_reported(kge):
    parents = [("a", "PARENT", "b"), ("b", "PARENT", "c"), ("c", "PARENT", "d"), ("d", "PARENT", "e")]
    children = [(t, "CHILD", h) for h, _, t in parents]
    kge.store(
        NODES, {"train": parents + children[:3], "test": [children[3], parents[0], ("a", "PARENT", "e")]}
    )
    kge.set_vectors(NODES, {"PARENT": [1.0], "CHILD": [-1.0]})
    leaks = kge.one("evaluate", "train", testGraph="test")["leaks"]
    assert leaks["testTriplesInTraining"] == 1
    assert leaks["inverseTriplesInTraining"] == 2
    assert {(row["relationshipType"], row["inverse"]): row["share"] for row in leaks["inverseRelations"]} == {
        ("CHILD", "PARENT"): 1.0,
        ("PARENT", "CHILD"): 0.75,
    }
