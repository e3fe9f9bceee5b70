from dataclasses import replace

import numpy as np

from kgrec_gds.data.splits import split
from kgrec_gds.ranking import cases, item_weights
from kgrec_gds.ranking.fit_ranker import fit_ranker, midpoint_ndcg


def test_nothing_of_the_test_is_read(dataset):
    parts = split(dataset.ratings, "global")
    rating = dataset.ratings.rating.copy()
    rating[parts.test] = 11 - rating[parts.test]
    changed = replace(dataset, ratings=replace(dataset.ratings, rating=rating))
    one, other = fit_ranker(dataset, parts, 0), fit_ranker(changed, parts, 0)
    assert one.settings == other.settings
    assert (one.item_weights != other.item_weights).nnz == 0


def test_the_same_seed_gives_the_same_ranking(dataset):
    parts = split(dataset.ratings, "global")
    assert fit_ranker(dataset, parts, 1).settings == fit_ranker(dataset, parts, 1).settings


def test_the_test_is_measured_beside_popularity(dataset):
    parts = split(dataset.ratings, "global")
    found = midpoint_ndcg(fit_ranker(dataset, parts, 0), dataset, parts.test)
    assert set(found) == {"ndcg", "ndcg_popularity"}
    assert all(0 <= value <= 1 for value in found.values())
    assert midpoint_ndcg(fit_ranker(dataset, parts, 0), dataset, np.zeros(0, np.int64)) == {}


def test_blocks_of_any_size_give_the_same_ranking(dataset, monkeypatch):
    parts = split(dataset.ratings, "global")
    whole = fit_ranker(dataset, parts, 0)
    lists = whole.lists(dataset, cases.midpoint_cases(dataset, parts.test))
    monkeypatch.setattr(cases, "_CELLS_A_BLOCK", 3 * len(dataset.movies))
    monkeypatch.setattr(item_weights, "_ROWS", 7)
    blocks = fit_ranker(dataset, parts, 0)
    assert blocks.settings == whole.settings
    np.testing.assert_allclose(blocks.item_weights.toarray(), whole.item_weights.toarray(), atol=1e-6)
    np.testing.assert_array_equal(lists, whole.lists(dataset, cases.midpoint_cases(dataset, parts.test)))
