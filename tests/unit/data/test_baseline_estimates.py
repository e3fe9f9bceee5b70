"""Baseline estimates; the oracle of the features (tests/unit/features) holds their definition event by event."""

from dataclasses import replace

import numpy as np
import pytest

from kgrec_gds.data import baseline_estimates as module
from kgrec_gds.data.baseline_estimates import BaselineFits, BaselineSettings, baseline_estimates
from kgrec_gds.data.dataset import Ratings
from kgrec_gds.data.query import Queries
from kgrec_gds.data.rating_log import RatingLog

PARTS = ("mean", "user", "movie")


def test_estimates_before_the_first_fit_by_hand(make_tiny_dataset, monkeypatch) -> None:
    settings = BaselineSettings(user_shrinkage=1, movie_shrinkage=1, prior=6, first_fit=100)
    monkeypatch.setattr(module, "SETTINGS", settings)
    log = Ratings(np.array([1, 1, 1], np.int32), np.array([1, 2, 2], np.int32), np.array([8, 5, 4], np.float32),
                  np.array([10, 20, 20]))  # fmt: skip
    data = replace(make_tiny_dataset(0, events=0, users=1, movies=2), ratings=log)
    found = baseline_estimates(data, Queries.of(log))
    assert found.mean.tolist() == [6, 6, 6]
    # (8 - 6) / (1 + 1) after the first rating; the two at time 20 do not see each other.
    assert found.user.tolist() == [0, 1, 1]
    assert found.movie.tolist() == [0, 0, 0]
    found = baseline_estimates(
        data, Queries.at_time(np.array([1, 0], np.int32), np.array([2, 2], np.int32), 21)
    )
    assert found.user == pytest.approx([(2 - 1 - 2) / 4, 0])
    # Movie 2 got 5 and 4 where 7 was expected of this user: (-2 - 3) / 3.
    assert found.movie == pytest.approx([-5 / 3, -5 / 3])


def test_repeated_queries_at_one_time_fit_once_and_agree(make_tiny_dataset, monkeypatch) -> None:
    data = make_tiny_dataset(2, events=400, users=20, movies=30, times=200)
    now = int(data.ratings.rated_at[250])
    users, movies = np.arange(20, dtype=np.int32), np.arange(10, 30, dtype=np.int32)
    at_once = Queries.at_time(users, movies, now)
    events = Queries.of(data.ratings)
    together = Queries(
        *(np.concatenate(pair) for pair in zip(vars(events).values(), vars(at_once).values(), strict=True))
    )
    expected = baseline_estimates(replace(data), together)
    first = baseline_estimates(data, at_once)
    monkeypatch.setattr(module, "_refit", None)  # a second fit would fail
    second = baseline_estimates(data, at_once)
    for name in PARTS:
        assert (getattr(first, name) == getattr(expected, name)[len(events) :]).all()
        assert (getattr(second, name) == getattr(expected, name)[len(events) :]).all()


def test_a_delay_is_the_estimate_of_the_earlier_time(make_tiny_dataset) -> None:
    data = make_tiny_dataset(2, events=400, users=20, movies=30, times=200)
    r = data.ratings
    late = baseline_estimates(data, Queries.of(r).delayed(100_000))
    early = baseline_estimates(
        data, Queries(r.user_index, r.movie_index, r.rated_at - 100_000, r.rated_at - 100_000)
    )
    assert (late.total == early.total).all()


def test_later_ratings_change_no_bit(make_tiny_dataset) -> None:
    data = make_tiny_dataset(4, events=400, users=20, movies=30, times=200)
    ratings = data.ratings
    whole = baseline_estimates(data, Queries.of(ratings)).total
    for end in (1, 60, 233):
        part = ratings.take(np.flatnonzero(ratings.rated_at <= ratings.rated_at[end]))
        found = baseline_estimates(replace(data, ratings=part), Queries.of(part)).total
        assert (found == whole[: len(part)]).all()


def test_sums_of_residuals_are_exact(make_tiny_dataset) -> None:
    data = make_tiny_dataset(1, events=300, users=9, movies=40, times=100)
    log = data.derive(RatingLog)
    expected = np.clip(data.ratings.rating - log.events.baseline.total, -4, 4)
    assert log.residual == pytest.approx(expected, abs=1e-6)
    shuffled = np.random.default_rng(0).permutation(log.residual)
    assert np.cumsum(log.residual)[-1] == np.cumsum(shuffled)[-1]


def test_no_queries_give_no_estimates(make_tiny_dataset) -> None:
    none = np.zeros(0, np.int32)
    assert len(make_tiny_dataset(0).derive(BaselineFits).estimates(Queries.at_time(none, none, 0)).total) == 0
