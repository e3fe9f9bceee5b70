"""What holds for every baseline: causality, delays, saving, later states of the graph."""

from dataclasses import replace

import numpy as np
import pytest

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.errors import ModelRunError
from kgrec_gds.models.delays import DAY
from kgrec_gds.models.registry import MODELS, entry, model_class
from tests.unit.models.baselines.conftest import FROZEN, NEURAL, ONLINE, PUBLISHED, unfitted

ALL = (*FROZEN, *ONLINE)


def with_ratings_changed(dataset, rows) -> Dataset:
    rating = dataset.ratings.rating.copy()
    rating[rows] = 11 - rating[rows]
    return replace(dataset, ratings=replace(dataset.ratings, rating=rating))


def test_every_baseline_is_registered_and_described_by_its_lists():
    registered = {name for name, found in MODELS.items() if ".baselines." in found.path}
    assert registered == {*ALL, *PUBLISHED}
    assert {name for name in ALL if not entry(name).online_history} == set(FROZEN)
    assert {name for name in registered if not entry(name).recommends} == set(PUBLISHED)


@pytest.mark.parametrize("name", [*ALL, *PUBLISHED])
def test_predictions_stay_on_the_rating_scale(name, dataset, test_queries, fitted):
    predicted = fitted(name).predict(dataset, test_queries)
    assert predicted.shape == (len(test_queries),)
    assert predicted.dtype == np.float32
    assert predicted.min() >= 1
    assert predicted.max() <= 10


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("delay", [0, DAY])
def test_ratings_from_known_until_on_do_not_change_a_prediction(name, delay, dataset, parts, fitted):
    event = parts.test[len(parts.test) // 2]
    query = Queries.of(dataset.ratings.take(np.array([event]))).delayed(delay)
    changed = with_ratings_changed(dataset, dataset.ratings.rated_at >= query.known_until[0])
    before, after = (fitted(name).predict(data, query) for data in (dataset, changed))
    assert before == pytest.approx(after, abs=1e-5)


@pytest.mark.parametrize("name", ALL)
def test_the_registry_says_whether_ratings_after_the_fit_are_history(
    name, dataset, parts, test_queries, fitted
):
    later = test_queries.take(slice(len(test_queries) // 2, None))
    rated_at = dataset.ratings.rated_at
    changed = with_ratings_changed(
        dataset, (rated_at >= rated_at[parts.test[0]]) & (rated_at < later.known_until[0])
    )
    difference = fitted(name).predict(dataset, later) - fitted(name).predict(changed, later)
    assert (np.abs(difference).max() > 1e-3) == entry(name).online_history


@pytest.mark.parametrize("name", ["baseline_causal", "svd_folded", "lstm", "feed_forward"])
def test_a_model_with_history_beats_the_global_mean(name, dataset, parts, test_queries, fitted):
    rating = dataset.ratings.rating[parts.test]
    constant, found = (fitted(each).predict(dataset, test_queries) for each in ("global_mean", name))
    assert np.mean((found - rating) ** 2) < 0.9 * np.mean((constant - rating) ** 2)


@pytest.mark.parametrize("name", [*ALL, *PUBLISHED])
def test_a_saved_model_predicts_the_same_after_loading(name, dataset, test_queries, fitted, tmp_path):
    fitted(name).save(tmp_path)
    loaded = model_class(name).load(tmp_path)
    expected = fitted(name).predict(dataset, test_queries)
    assert loaded.predict(dataset, test_queries) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("name", [*ALL, "paper_trees"])
def test_loading_from_an_empty_folder_is_refused(name, tmp_path):
    with pytest.raises(ModelRunError, match=r"missing|Cannot read"):
        model_class(name).load(tmp_path)


@pytest.mark.parametrize("name", ["baseline_static", "svd", "ncf"])
def test_parameters_follow_their_ids_when_the_graph_grows(name, dataset, test_queries, fitted):
    # A new user and a new movie before all others shift every index by one.
    movies = dataset.movies
    grown = replace(
        dataset,
        user_ids=np.insert(dataset.user_ids, 1, "0new"),
        movies=replace(
            movies,
            tconst=np.insert(movies.tconst, 1, "tt0"),
            title=np.insert(movies.title, 1, "new"),
            year=np.insert(movies.year, 1, 2000),
            average_rating=np.insert(movies.average_rating, 1, 5),
            num_votes=np.insert(movies.num_votes, 1, 5),
            relations={},
        ),
        vectors=None,
    )
    shifted = replace(
        test_queries, user_index=test_queries.user_index + 1, movie_index=test_queries.movie_index + 1
    )
    expected = fitted(name).predict(dataset, test_queries)
    assert fitted(name).predict(grown, shifted) == pytest.approx(expected, abs=1e-5)
    unknown = Queries.at_time(np.ones(1, np.int32), np.ones(1, np.int32), grown.now)
    assert np.isfinite(fitted(name).predict(grown, unknown)).all()


@pytest.mark.parametrize("name", ALL)
def test_a_user_without_history_gets_a_prediction(name, dataset, fitted):
    nobody = Queries.at_time(np.zeros(2, np.int32), np.array([1, 2], np.int32), dataset.now)
    assert np.isfinite(fitted(name).predict(dataset, nobody)).all()


@pytest.mark.parametrize("name", NEURAL)
def test_a_gpu_on_the_machine_does_not_change_the_predictions(
    name, dataset, parts, test_queries, fitted, a_gpu
):
    model = unfitted(name).fit(dataset, parts, 0)
    assert not model._network.jit_compile
    expected = fitted(name).predict(dataset, test_queries)
    np.testing.assert_array_equal(model.predict(dataset, test_queries), expected)


@pytest.mark.parametrize("name", NEURAL)
def test_progress_ends_at_its_total(name, fitted, progress):
    fitted(name)
    last = {stage: (done, total) for stage, done, total in progress[name]}
    assert len(last) == 2
    assert all(done == total for done, total in last.values())


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_models_refuse_a_movie_that_was_not_rated(name, dataset, fitted):
    rated = dataset.ratings.movie_index[dataset.ratings.user_index == 1]
    other = np.setdiff1d(np.arange(1, len(dataset.movies)), rated)[:1].astype(np.int32)
    with pytest.raises(ModelRunError, match="given ratings only"):
        fitted(name).predict(dataset, Queries.at_time(np.ones(1, np.int32), other, dataset.now))
