import math

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from kgrec_gds.ranking.ranking_metrics import case_metrics, mean_over_users


def test_metrics_agree_with_hand_arithmetic():
    relevant = csr_matrix(([1.0] * 6, ([0, 0, 0, 0, 0, 1], [3, 5, 6, 7, 8, 2])), shape=(2, 10))
    lists = np.array([[1, 3, 2, 5], [1, 4, 0, 0]], np.int32)
    found = case_metrics(lists, relevant)
    ideal = sum(1 / math.log2(place + 1) for place in range(1, 5))
    assert found.ndcg[0] == pytest.approx((1 / math.log2(3) + 1 / math.log2(5)) / ideal)
    assert found.recall.tolist() == [pytest.approx(2 / 5), 0]
    assert found.hit_rate.tolist() == [1, 0]
    assert found.mrr.tolist() == [pytest.approx(1 / 2), 0]


def test_an_empty_place_is_no_hit():
    relevant = csr_matrix(([1.0], ([0], [0])), shape=(1, 3))
    assert case_metrics(np.zeros((1, 4), np.int32), relevant).ndcg[0] == 0


def test_a_user_with_many_cases_counts_once():
    assert mean_over_users(np.array([1.0, 0.0, 0.0, 0.0]), np.array([1, 2, 2, 2], np.int32)) == 0.5
