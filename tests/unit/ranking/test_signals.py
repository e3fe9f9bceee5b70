"""The sparse signals against the formula of docs/ranking.md, computed densely."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgrec_gds.ranking.cases import histories
from kgrec_gds.ranking.fit_ranker import refit_ranker
from kgrec_gds.ranking.item_weights import LIKED
from kgrec_gds.ranking.popularity import popularity
from kgrec_gds.ranking.ranker import RankingSettings
from kgrec_gds.ranking.shared_people import SharedPeople
from kgrec_gds.ranking.signals import highest, tie_order

HALF_LIFE = 30 * 86_400.0


def dense_scores(dataset, ranker, user):
    """The score of every movie, minus infinity where the user rated it."""
    ratings, movies = dataset.ratings, len(dataset.movies)
    own = ratings.user_index == user
    liked = np.zeros(movies)
    liked[ratings.movie_index[own & (ratings.rating >= LIKED)]] = 1
    unit = dataset.derive(SharedPeople.of).unit.toarray()
    together = liked @ ranker.item_weights.toarray().astype(float)
    shared = unit @ (liked @ unit)
    now = popularity(ratings, movies, dataset.now, ranker.settings.half_life)
    free = np.ones(movies, bool)
    free[0] = False
    free[ratings.movie_index[own]] = False
    score = np.full(movies, -np.inf)
    score[free] = 0
    for weight, part in zip(ranker.settings.weights, (together, shared, now), strict=True):
        deviation = part[free].std()
        if deviation > 1e-9:
            score[free] += weight * part[free] / deviation
    return score


@settings(max_examples=30, deadline=None)
@given(
    weights=st.tuples(*[st.sampled_from([0.0, 0.5, 1.0, 2.0])] * 3),
    user=st.integers(0, 24),
    k=st.integers(1, 60),
)
def test_the_list_is_that_of_the_dense_formula(dataset, weights, user, k):
    ranker = refit_ranker(
        dataset, np.arange(len(dataset.ratings)), RankingSettings(*weights, HALF_LIFE, 10.0)
    )
    dense = dense_scores(dataset, ranker, user)
    rated = histories(dataset, np.array([user], np.int32), np.array([dataset.now]))
    now = popularity(dataset.ratings, len(dataset.movies), dataset.now, HALF_LIFE)
    (signals,) = ranker.signals(dataset, rated, now, k)
    best, score = signals.top(ranker.settings.weights, tie_order(dataset), k)
    movies = signals.movie_index[best]
    assert len(movies) == min(k, np.isfinite(dense).sum())
    assert len(set(movies)) == len(movies)
    np.testing.assert_allclose(score, dense[movies], atol=1e-9)
    np.testing.assert_allclose(score, np.sort(dense[np.isfinite(dense)])[::-1][: len(score)], atol=1e-9)


def test_ties_are_broken_by_the_checksum_of_the_tconst(dataset):
    tie = tie_order(dataset)
    assert len(set(tie[1:])) == len(tie) - 1
    order = highest(np.zeros(len(tie)), tie, len(tie))
    assert (np.diff(tie[order].astype(np.int64)) >= 0).all()
    assert order.tolist() != sorted(order.tolist())


def test_movies_that_may_not_be_recommended_change_no_score(dataset):
    ranker = refit_ranker(dataset, np.arange(len(dataset.ratings)), RankingSettings(1, 1, 1, HALF_LIFE, 10.0))
    allowed = np.zeros(len(dataset.movies), bool)
    allowed[5:15] = True
    dense = dense_scores(dataset, ranker, 3)
    rated = histories(dataset, np.array([3], np.int32), np.array([dataset.now]))
    now = popularity(dataset.ratings, len(dataset.movies), dataset.now, HALF_LIFE)
    (signals,) = ranker.signals(dataset, rated, now, 10, allowed)
    best, score = signals.top(ranker.settings.weights, tie_order(dataset), 10)
    movies = signals.movie_index[best]
    assert set(movies) == set(np.flatnonzero(allowed & np.isfinite(dense)))
    assert score == pytest.approx(dense[movies])
