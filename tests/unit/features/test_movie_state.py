"""The state of the movies as of a time, against sums over the ratings before it."""

from dataclasses import replace

import numpy as np
import pytest

from kgrec_gds.data.rating_log import MOST_RESIDUAL, RatingLog
from kgrec_gds.features.movie_state import movie_state, rating_pasts


@pytest.fixture(scope="module")
def state(dataset):
    return movie_state(dataset, middle(dataset))


def middle(dataset):
    return int(dataset.ratings.rated_at[len(dataset.ratings) // 2])


def earlier(dataset):
    """Movies and residuals of the ratings before the middle."""
    ratings = dataset.ratings
    before = ratings.rated_at < middle(dataset)
    return ratings.movie_index[before], dataset.derive(RatingLog).residual[before], ratings.rated_at[before]


def test_tallies_are_sums_over_the_earlier_ratings_of_each_movie(dataset, state):
    movie, residual, at = earlier(dataset)
    for row in range(len(dataset.movies)):
        own = residual[movie == row]
        assert state["count"][row] == len(own)
        assert state["residual"][row] == pytest.approx(own.sum())
        assert state["square"][row] == pytest.approx((own**2).sum(), abs=1e-4)
        if len(own):
            assert state["last"][row] == own[-1]
            assert (state["first_at"][row], state["last_at"][row]) == (
                at[movie == row][0],
                at[movie == row][-1],
            )
            fades = np.exp((at[movie == row] - at[movie == row][-1]) / (7 * 86_400))
            assert state["week_mass"][row] == pytest.approx(fades.sum(), abs=1e-6)
            assert state["week_residual"][row] == pytest.approx((own * fades).sum(), abs=1e-6)


@pytest.mark.parametrize("name", ["director", "genre"])
def test_entities_tally_the_ratings_of_their_movies(dataset, state, name):
    movie, residual, _ = earlier(dataset)
    begin, entity = state[f"{name}_begin"], state[f"{name}_entity"]
    count, total = np.zeros_like(state[f"{name}_count"]), np.zeros_like(state[f"{name}_residual"])
    for row, each in zip(movie, residual, strict=True):
        for one in entity[begin[row] : begin[row + 1]]:
            count[one] += 1
            total[one] += each
    np.testing.assert_array_equal(state[f"{name}_count"], count)
    np.testing.assert_allclose(state[f"{name}_residual"], total, atol=1e-9)


def test_later_ratings_change_neither_the_state_nor_the_pasts(dataset, state):
    ratings = dataset.ratings
    before = ratings.rated_at < middle(dataset)
    other = np.where(before, ratings.rating, 11 - ratings.rating).astype(np.float32)
    changed = replace(dataset, ratings=replace(ratings, rating=other))
    for name, values in movie_state(changed, middle(dataset)).items():
        np.testing.assert_array_equal(values, state[name], err_msg=name)
    ours, theirs = rating_pasts(dataset), rating_pasts(changed)
    known = ratings.rated_at <= middle(dataset)
    for name, values in ours.items():
        np.testing.assert_array_equal(values[known], theirs[name][known], err_msg=name)
    assert (ours["baseline"][~known] != theirs["baseline"][~known]).any()


def test_a_past_is_what_was_known_just_before_the_rating(dataset):
    log, pasts = dataset.derive(RatingLog), rating_pasts(dataset)
    residual = np.clip(log.ratings.rating - pasts["baseline"], -MOST_RESIDUAL, MOST_RESIDUAL)
    np.testing.assert_allclose(residual, log.residual, atol=1e-5)
    for event in (0, len(log.ratings) // 3, len(log.ratings) - 1):
        ratings = log.ratings
        same = ratings.movie_index == ratings.movie_index[event]
        assert pasts["count"][event] == (same & (ratings.rated_at < ratings.rated_at[event])).sum()


def test_vectors_are_whole_multiples(dataset, state):
    length = np.linalg.norm(state["vectors"][1:].astype(float) / 2048, axis=1)
    np.testing.assert_allclose(length, 1, atol=0.01)
    assert "vectors" not in movie_state(replace(dataset, vectors=None), middle(dataset))
