import math

import numpy as np
import pytest

from kgrec_gds.data.splits import split
from kgrec_gds.evaluation.ranking_metrics import (
    LIKED,
    candidate_ratings,
    choose_cases,
    ndcg,
    ranking_scores,
    recall,
    reciprocal_rank,
    top_lists,
)
from kgrec_gds.models.baselines.array_baseline import ArrayBaseline


def test_metrics_agree_with_hand_arithmetic():
    hits = np.array([False, True, False, True])
    assert recall(hits, 5) == pytest.approx(2 / 5)
    assert reciprocal_rank(hits) == pytest.approx(1 / 2)
    ideal = 1 / math.log2(2) + 1 / math.log2(3) + 1 / math.log2(4) + 1 / math.log2(5)
    assert ndcg(hits, 5) == pytest.approx((1 / math.log2(3) + 1 / math.log2(5)) / ideal)
    assert ndcg(np.array([True, False]), 1) == 1.0
    assert reciprocal_rank(np.zeros(3, bool)) == 0.0


class Oracle(ArrayBaseline):
    """Predicts every given rating, and 1 for all other movies."""

    def learn(self, dataset, split, seed, callback):
        pass

    def baseline(self, dataset, queries):
        known = np.zeros((len(dataset.user_ids), len(dataset.movies)), np.float32)
        known[dataset.ratings.user_index, dataset.ratings.movie_index] = dataset.ratings.rating
        return known[queries.user_index, queries.movie_index]


@pytest.fixture
def cases(dataset):
    return choose_cases(dataset, split(dataset.ratings, "global"))


def test_candidates_are_unrated_movies_and_relevant_ones_are_liked_later(dataset, cases):
    ratings = dataset.ratings
    for case in cases:
        own = ratings.user_index == case.user_index
        before = set(ratings.movie_index[own & (ratings.rated_at < case.at)].tolist())
        assert before.isdisjoint(case.candidates)
        assert len(before) + len(case.candidates) == len(dataset.movies) - 1
        later = own & (ratings.rated_at >= case.at) & (ratings.rating >= LIKED)
        assert set(case.relevant.tolist()) == set(ratings.movie_index[later].tolist())


def test_the_sample_of_cases_is_seeded_and_bounded(dataset):
    parts = split(dataset.ratings, "global")
    few = choose_cases(dataset, parts, users=3, seed=1)
    again = choose_cases(dataset, parts, users=3, seed=1)
    assert [case.user_index for case in few] == [case.user_index for case in again]
    assert len(few) == 3


def test_an_oracle_fills_the_list_with_relevant_movies(dataset, cases):
    lists = top_lists(cases, candidate_ratings(Oracle(), dataset, cases), k=10)
    found = ranking_scores(lists, cases, len(dataset.movies) - 1)
    assert found.mrr == 1.0
    assert found.ndcg == pytest.approx(1.0)
    expected = np.mean([min(10, len(case.relevant)) / len(case.relevant) for case in cases])
    assert found.recall == pytest.approx(expected)
    assert found.coverage == len(np.unique(lists[lists > 0])) / (len(dataset.movies) - 1)
