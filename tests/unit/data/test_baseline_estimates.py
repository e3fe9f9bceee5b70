"""Causal biases; their definition event by event stands in test_features.py."""

import numpy as np
import pytest

from kgrec_gds.data.baseline_estimates import BiasSettings, Queries, biases_at, causal_biases, residuals
from kgrec_gds.data.dataset import Ratings

SETTINGS = BiasSettings(user_shrinkage=1, movie_shrinkage=1, prior=6, first_fit=100)


def test_before_the_first_fit_by_hand() -> None:
    log = Ratings(np.array([1, 1, 1], np.int32), np.array([1, 2, 2], np.int32), np.array([8, 5, 4], np.float32),
                  np.array([10, 20, 20]))  # fmt: skip
    found = causal_biases(log, (2, 3), Queries.of(log), SETTINGS)
    assert found.mean.tolist() == [6, 6, 6]
    # (8 - 6) / (1 + 1) after the first rating; the two at moment 20 do not see each other.
    assert found.user.tolist() == [0, 1, 1]
    assert found.movie.tolist() == [0, 0, 0]
    later = Queries(np.array([1, 0], np.int32), np.array([2, 2], np.int32), np.array([21, 21]))
    found = causal_biases(log, (2, 3), later, SETTINGS)
    assert found.user == pytest.approx([(2 - 1 - 2) / 4, 0])
    # Movie 2 got 5 and 4 where 7 was expected of this user: (-2 - 3) / 3.
    assert found.movie == pytest.approx([-5 / 3, -5 / 3])


def test_a_moment_gives_the_same_as_queries(make_dataset) -> None:
    data = make_dataset(2, events=400, users=20, movies=30, moments=200)
    sizes = (len(data.user_ids), len(data.movies))
    now = int(data.ratings.rated_at[250])
    users, movies = np.arange(20, dtype=np.int32), np.arange(10, 30, dtype=np.int32)
    queries = Queries(users, movies, np.full(20, now))
    slow, fast = causal_biases(data.ratings, sizes, queries), biases_at(data.ratings, sizes, now)(queries)
    for name in ("mean", "user", "movie"):
        assert (getattr(slow, name) == getattr(fast, name)).all()


def test_what_comes_later_changes_no_bit(make_dataset) -> None:
    data = make_dataset(4, events=400, users=20, movies=30, moments=200)
    sizes = (len(data.user_ids), len(data.movies))
    ratings = data.ratings
    whole = causal_biases(ratings, sizes, Queries.of(ratings)).total
    for end in (1, 60, 233):
        moment = ratings.rated_at[end]
        part = ratings.take(np.flatnonzero(ratings.rated_at <= moment))
        assert (causal_biases(part, sizes, Queries.of(part)).total == whole[: len(part)]).all()


def test_residuals_are_exact_sums(make_dataset) -> None:
    data = make_dataset(1, events=300, users=9, movies=40, moments=100)
    biases = causal_biases(data.ratings, (10, 41), Queries.of(data.ratings))
    found = residuals(data.ratings, biases)
    assert found == pytest.approx(data.ratings.rating - biases.total, abs=1e-6)
    shuffled = np.random.default_rng(0).permutation(found)
    assert np.cumsum(found)[-1] == np.cumsum(shuffled)[-1]
