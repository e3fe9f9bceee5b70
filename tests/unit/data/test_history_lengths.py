"""Numbers of earlier ratings, and weights that give validation the history lengths of the test."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgrec_gds.data.dataset import Ratings
from kgrec_gds.data.history_lengths import HISTORY_EDGES, history_lengths, movie_counts, validation_weights
from kgrec_gds.data.splits import Split, split

RATINGS = Ratings(
    user_index=np.array([1, 2, 1, 1, 3, 2], np.int32),
    movie_index=np.array([1, 1, 2, 3, 4, 2], np.int32),
    rating=np.array([5, 6, 7, 8, 9, 10], np.float32),
    rated_at=np.array([10, 10, 20, 20, 30, 40]),
)


def test_lengths_count_strictly_earlier_ratings():
    assert history_lengths(RATINGS).tolist() == [0, 0, 1, 1, 0, 1]
    assert movie_counts(RATINGS).tolist() == [0, 0, 0, 0, 0, 1]


def test_lengths_agree_with_counting_one_by_one(dataset):
    ratings = dataset.ratings
    for event in range(0, len(ratings), 37):
        own = (ratings.user_index == ratings.user_index[event]) & (ratings.rated_at < ratings.rated_at[event])
        assert history_lengths(ratings)[event] == own.sum()


def test_validation_weights_by_hand():
    # Validation: no history, none, one rating before; test: none and one.
    parts = Split("per-user", np.array([0]), np.array([1, 4, 2]), np.array([0, 3]))
    assert validation_weights(RATINGS, parts).tolist() == pytest.approx([0.75, 0.75, 1.5])


@given(st.integers(0, 2**31), st.sampled_from(["global", "per-user"]))
def test_weighted_validation_has_the_history_lengths_of_the_test(seed, protocol):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 200))
    ratings = Ratings(
        user_index=rng.integers(1, 8, count).astype(np.int32),
        movie_index=rng.integers(1, 9, count).astype(np.int32),
        rating=rng.integers(1, 11, count).astype(np.float32),
        rated_at=np.sort(rng.integers(0, 150, count)),
    )
    parts = split(ratings, protocol)
    weight = validation_weights(ratings, parts)
    assert weight.shape == parts.validation.shape
    if len(weight):
        assert weight.mean() == pytest.approx(1.0)
    group = np.digitize(history_lengths(ratings), HISTORY_EDGES)
    both = np.intersect1d(group[parts.validation], group[parts.test])
    for one in both:
        here = weight[group[parts.validation] == one].sum() / len(weight)
        common = np.isin(group[parts.test], both)
        assert here == pytest.approx((group[parts.test][common] == one).mean())


def test_without_a_test_all_weights_are_equal():
    parts = Split("global", np.array([0]), np.array([1, 2]), np.array([], np.int64))
    assert validation_weights(RATINGS, parts).tolist() == [1, 1]
