"""Tastes that were planted are found; what is known of them is of the past alone."""

from dataclasses import replace

import numpy as np
import pytest

from kgrec_gds.data.baseline_estimates import BiasSettings, Queries
from kgrec_gds.data.dataset import Dataset, Ratings
from kgrec_gds.data.rating_log import Asked, RatingLog
from kgrec_gds.features.latent_factors import Taste, TasteSettings, start

USERS, MOVIES = 60, 30


@pytest.fixture(scope="module")
def divided(make_dataset) -> Dataset:
    """Users of even number like movies of even number and dislike the others; the odd ones the other way round."""
    rng = np.random.default_rng(0)
    pairs = np.array([(u, m) for u in range(1, USERS + 1) for m in range(1, MOVIES + 1)], np.int32)
    user, movie = rng.permutation(pairs).T
    rating = np.where((user + movie) % 2 == 0, 8.0, 4.0) + rng.normal(0, 0.5, len(user))
    ratings = Ratings(user, movie, rating.astype(np.float32), 1_000_000_000 + 3600 * np.arange(len(user)))
    few = make_dataset(0, events=0, users=USERS, movies=MOVIES)
    return replace(few, ratings=ratings)


def _expected(dataset: Dataset, queries: Queries) -> np.ndarray:
    log = RatingLog(dataset, BiasSettings())
    return Taste(log, TasteSettings(first_fit=200)).expected(Asked.of(log, queries))


def test_planted_tastes_are_found_though_the_biases_know_nothing_of_them(divided: Dataset) -> None:
    ratings = divided.ratings
    late = np.arange(len(ratings)) >= len(ratings) // 2
    expected = _expected(divided, Queries.of(ratings))[late]
    liked = ratings.rating[late] > 6
    assert expected[liked].mean() > 1
    assert expected[~liked].mean() < -1


def test_who_came_after_the_last_fit_has_a_taste_from_the_first_rating_on(divided: Dataset) -> None:
    newcomer = divided.ratings.user_index == 1
    order = np.r_[np.flatnonzero(~newcomer), np.flatnonzero(newcomer)]
    ratings = replace(divided.ratings.take(order), rated_at=divided.ratings.rated_at)
    own = slice(len(ratings) - MOVIES, None)
    expected = _expected(replace(divided, ratings=ratings), Queries.of(ratings))[own]
    liked = ratings.rating[own] > 6
    assert expected[0] == 0
    assert (expected[1:] > 0)[liked[1:]].all()
    assert (expected[1:] < 0)[~liked[1:]].all()


def test_nobody_has_a_taste_before_the_first_fit(divided: Dataset) -> None:
    expected = _expected(divided, Queries.of(divided.ratings))
    assert not expected[:200].any()
    assert expected[200:].any()


def test_a_movies_start_does_not_depend_on_the_catalogue() -> None:
    catalogue = np.array(["", "tt0000001", "tt0000002", "tt0000003"], object)
    found = start(catalogue, 8)
    np.testing.assert_array_equal(start(catalogue[[3, 1]], 8), found[[3, 1]])
    assert (np.abs(found) <= 0.5).all()
    assert len(np.unique(found)) == found.size
