"""Factors that were planted in the ratings are found, from the past alone."""

from dataclasses import replace

import numpy as np
import pytest

from kgrec_gds.data.dataset import Dataset, Ratings
from kgrec_gds.data.query import Queries
from kgrec_gds.features import latent_factors
from kgrec_gds.features.latent_factors import initial_factors
from kgrec_gds.features.table import Features

USERS, MOVIES = 60, 30


@pytest.fixture(scope="module")
def divided(make_tiny_dataset) -> Dataset:
    """Users of even number like movies of even number and dislike the others; odd users the other way round."""
    rng = np.random.default_rng(0)
    pairs = np.array([(u, m) for u in range(1, USERS + 1) for m in range(1, MOVIES + 1)], np.int32)
    user, movie = rng.permutation(pairs).T
    rating = np.where((user + movie) % 2 == 0, 8.0, 4.0) + rng.normal(0, 0.5, len(user))
    ratings = Ratings(user, movie, rating.astype(np.float32), 1_000_000_000 + 3600 * np.arange(len(user)))
    few = make_tiny_dataset(0, events=0, users=USERS, movies=MOVIES)
    return replace(few, ratings=ratings)


@pytest.fixture(autouse=True)
def early_first_fit(monkeypatch) -> None:
    monkeypatch.setattr(latent_factors, "FIRST_FIT", 200)


def predicted(dataset: Dataset) -> np.ndarray:
    """The column for every event."""
    queries = Queries.of(dataset.ratings)
    return replace(dataset).derive(Features).table(queries, ["latent_factors"]).values[:, 0]


def test_preferences_that_the_baseline_estimate_cannot_know_are_found(divided: Dataset) -> None:
    late = np.arange(len(divided.ratings)) >= len(divided.ratings) // 2
    found, liked = predicted(divided)[late], divided.ratings.rating[late] > 6
    assert found[liked].mean() > 1
    assert found[~liked].mean() < -1


def test_a_user_who_came_after_the_last_fit_has_factors_from_the_first_rating_on(divided: Dataset) -> None:
    newcomer = divided.ratings.user_index == 1
    order = np.r_[np.flatnonzero(~newcomer), np.flatnonzero(newcomer)]
    ratings = replace(divided.ratings.take(order), rated_at=divided.ratings.rated_at)
    own = slice(len(ratings) - MOVIES, None)
    found = predicted(replace(divided, ratings=ratings))[own]
    liked = ratings.rating[own] > 6
    assert found[0] == 0
    assert (found[1:] > 0)[liked[1:]].all()
    assert (found[1:] < 0)[~liked[1:]].all()


def test_predictions_are_zero_before_the_first_fit(divided: Dataset) -> None:
    found = predicted(divided)
    assert not found[:200].any()
    assert found[200:].any()


def test_initial_factors_do_not_depend_on_the_catalogue() -> None:
    catalogue = np.array(["", "tt0000001", "tt0000002", "tt0000003"], object)
    found = initial_factors(catalogue, 8)
    np.testing.assert_array_equal(initial_factors(catalogue[[3, 1]], 8), found[[3, 1]])
    assert (np.abs(found) <= 0.5).all()
    assert len(np.unique(found)) == found.size
