from dataclasses import replace

import numpy as np
import pytest

from kgrec_gds.data.baseline_estimates import Queries
from kgrec_gds.data.splits import split
from kgrec_gds.evaluation.metrics import mse
from kgrec_gds.models import baselines
from kgrec_gds.models.baselines import folded_svd as folded
from kgrec_gds.models.baselines.base import as_queries
from kgrec_gds.models.baselines.rating_index import HistoryIndex
from kgrec_gds.models.baselines.svd import Factors

NAMES = ("global_mean", "biases_static", "biases_causal", "svd", "svd_tuned", "svd_folded")
NETWORKS = ("ncf", "ffnn", "lstm")


@pytest.fixture(scope="module")
def parts(small_dataset):
    return split(small_dataset.ratings, "global")


@pytest.fixture(scope="module")
def fitted(small_dataset, parts):
    models = {}
    for name in (*NAMES, *NETWORKS):
        models[name] = baselines.build(name)
        models[name].fit(small_dataset, parts, 0)
    return models


def test_history_is_what_lies_strictly_before(small_dataset):
    ratings = small_dataset.ratings
    index = HistoryIndex(ratings)
    starts, ends = index.slices(ratings.user_index, ratings.rated_at)
    for event in range(0, len(ratings), 41):
        own = (ratings.user_index == ratings.user_index[event]) & (ratings.rated_at < ratings.rated_at[event])
        assert sorted(index.order[starts[event] : ends[event]]) == np.flatnonzero(own).tolist()


def test_the_constant_is_the_mean_of_train_and_validation(small_dataset, parts, fitted):
    mean = small_dataset.ratings.rating[np.r_[parts.train, parts.validation]].mean()
    assert fitted["global_mean"].predict(small_dataset, parts.test) == pytest.approx(mean)


@pytest.mark.parametrize("name", [*NAMES, *NETWORKS])
def test_predictions_stay_on_the_scale(name, small_dataset, parts, fitted):
    predicted = fitted[name].predict(small_dataset, parts.test)
    assert predicted.shape == parts.test.shape
    assert predicted.dtype == np.float32
    assert (predicted >= 1).all()
    assert (predicted <= 10).all()


@pytest.mark.parametrize("name", [*NAMES, *NETWORKS])
def test_nothing_at_or_after_the_moment_is_used(name, small_dataset, parts, fitted):
    ratings = small_dataset.ratings
    event = parts.test[len(parts.test) // 2]
    changed = ratings.rating.copy()
    changed[ratings.rated_at >= ratings.rated_at[event]] = 1.0
    other = replace(small_dataset, ratings=replace(ratings, rating=changed))
    chosen = np.array([event])
    before, after = (fitted[name].predict(data, chosen) for data in (small_dataset, other))
    assert before == pytest.approx(after, abs=1e-5)


@pytest.mark.parametrize("name", [*NAMES, *NETWORKS])
def test_online_history_says_whether_earlier_test_ratings_count(name, small_dataset, parts, fitted):
    ratings = small_dataset.ratings
    later = parts.test[len(parts.test) // 2 :]
    changed = ratings.rating.copy()
    early = (ratings.rated_at >= ratings.rated_at[parts.test[0]]) & (
        ratings.rated_at < ratings.rated_at[later[0]]
    )
    changed[early] = 11 - changed[early]
    other = replace(small_dataset, ratings=replace(ratings, rating=changed))
    moved = fitted[name].predict(small_dataset, later) - fitted[name].predict(other, later)
    assert (np.abs(moved).max() > 1e-3) == fitted[name].online_history


@pytest.mark.parametrize("name", ["biases_causal", "svd_folded", "lstm", "ffnn"])
def test_history_beats_the_constant_on_planted_tastes(name, small_dataset, parts, fitted):
    rating = small_dataset.ratings.rating[parts.test]
    predicted = fitted[name].predict(small_dataset, parts.test)
    assert mse(rating, predicted) < 0.9 * mse(
        rating, fitted["global_mean"].predict(small_dataset, parts.test)
    )


def test_movies_asked_about_at_one_moment_share_a_window(small_dataset, parts, fitted):
    lstm, test = fitted["lstm"], as_queries(small_dataset.ratings, parts.test[:5])
    movies = np.arange(1, 30, dtype=np.int32)
    each = np.repeat(np.arange(5), len(movies))
    queries = Queries(test.user_index[each], np.tile(movies, 5), test.at[each])
    alone = lstm.mean + lstm.model.predict(lstm.inputs(small_dataset, queries), verbose=0)[:, 0]
    found = lstm.predict_queries(small_dataset, queries)
    assert found == pytest.approx(np.clip(alone, 1, 10), abs=1e-5)
    assert np.ptp(found.reshape(5, -1), axis=0).max() > 0.01  # whose window it is matters


def test_folding_in_is_a_ridge_regression_of_the_history(small_dataset):
    generator = np.random.default_rng(2)
    movies, users = len(small_dataset.movies), len(small_dataset.user_ids)
    factors = Factors(
        6.0,
        np.zeros(users),
        generator.normal(size=movies),
        np.zeros((users, 3)),
        generator.normal(size=(movies, 3)),
    )
    ratings = small_dataset.ratings
    events = np.arange(100, len(ratings), 97)
    predicted = folded.fold_in(factors, ratings, as_queries(ratings, events), penalties=[(1.5, 2.0)])[0]
    for event, value in zip(events, predicted, strict=True):
        own = (ratings.user_index == ratings.user_index[event]) & (ratings.rated_at < ratings.rated_at[event])
        m, movie = ratings.movie_index[own], ratings.movie_index[event]
        x = np.column_stack([np.ones(len(m)), factors.movies[m]])
        y = ratings.rating[own] - 6.0 - factors.movie_bias[m]
        solved = np.linalg.solve(x.T @ x + np.diag([1.5, 2, 2, 2]), x.T @ y)
        expected = 6.0 + factors.movie_bias[movie] + np.r_[1, factors.movies[movie]] @ solved
        assert value == pytest.approx(np.clip(expected, 1, 10), abs=1e-4)


def test_an_unknown_user_without_history_gets_the_movie_side(small_dataset, fitted):
    nobody = Queries(np.zeros(2, np.int32), np.array([1, 2], np.int32), np.full(2, 2_000_000_000))
    for name in ("svd", "svd_folded", "ncf", "ffnn", "lstm"):
        predicted = fitted[name].predict_queries(small_dataset, nobody)
        assert np.isfinite(predicted).all()


@pytest.mark.parametrize("name", NETWORKS)
def test_where_there_is_a_gpu_the_same_is_calculated_on_the_processor(
    name, small_dataset, parts, fitted, a_gpu
):
    model = baselines.build(name)
    model.fit(small_dataset, parts, 0)
    assert not model.model.jit_compile
    expected = fitted[name].predict(small_dataset, parts.test)
    np.testing.assert_array_equal(model.predict(small_dataset, parts.test), expected)
