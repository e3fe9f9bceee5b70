from dataclasses import asdict, replace

import numpy as np
import pytest

from kgrec_gds.data.query import Queries
from kgrec_gds.data.splits import split
from kgrec_gds.errors import InputError, ModelRunError
from kgrec_gds.models import training
from kgrec_gds.models.run_folder import RunFolder
from kgrec_gds.models.training import RunSettings, load_model, load_ranker, train_run

FEW = {"most_trees": 6, "least_in_leaf": 5}


@pytest.fixture(autouse=True)
def own_home(monkeypatch, tmp_path):
    monkeypatch.setenv("KGREC_HOME", str(tmp_path))


@pytest.mark.parametrize("model", ["trees", "trees_graph", "attention_lstm"])
def test_a_trained_run_is_found_and_loaded(dataset, model, small_network):
    hyperparameters = small_network if model == "attention_lstm" else FEW
    settings = RunSettings(model=model, embeddings="fastrp", hyperparameters=hyperparameters)
    result = train_run(dataset, settings)
    run = RunFolder.latest()
    assert run.model_id == result.model_id
    assert RunSettings.read(run).model == model
    loaded = load_model(run, dataset)
    test = Queries.of(dataset.ratings.take(dataset.ratings.rated_at >= result.cutoffs["test"]))
    error = np.mean((loaded.predict(dataset, test) - dataset.ratings.rating[-len(test) :]) ** 2)
    assert error == pytest.approx(result.metrics[model]["at_once"]["mse"], rel=1e-5)


def test_test_ratings_are_predicted_by_a_fit_that_has_not_seen_them(dataset):
    parts = split(dataset.ratings, "global")
    rating = dataset.ratings.rating.copy()
    rating[parts.test] = 11 - rating[parts.test]
    changed = replace(dataset, ratings=replace(dataset.ratings, rating=rating))
    settings = RunSettings(model="trees", hyperparameters=FEW)
    one, other = (RunFolder.open(train_run(each, settings).model_id) for each in (dataset, changed))
    test = Queries.of(dataset.ratings.take(parts.test[:1]))  # later ones have test ratings as history
    blind = [load_model(run, dataset).predict(dataset, test) for run in (one, other)]
    np.testing.assert_array_equal(*blind)
    on_all = [load_model(run, dataset, on_all=True).predict(dataset, test) for run in (one, other)]
    assert (on_all[0] != on_all[1]).all()
    rankers = [load_ranker(run, dataset).item_weights for run in (one, other)]
    assert (rankers[0] != rankers[1]).nnz == 0


def test_held_out_ratings_stay_out_of_what_recommends(dataset):
    result = train_run(dataset, RunSettings(model="trees", hyperparameters=FEW, hold_out=True))
    run = RunFolder.open(result.model_id)
    test = Queries.of(dataset.ratings)
    first, second = (load_model(run, dataset, on_all=on_all) for on_all in (False, True))
    np.testing.assert_array_equal(first.predict(dataset, test), second.predict(dataset, test))


def test_errors_are_reported_at_once_a_day_and_a_month_old(dataset):
    result = train_run(dataset, RunSettings(model="trees", hyperparameters=FEW))
    assert list(result.metrics) == ["trees", "baseline_causal", "global_mean"]
    for horizons in result.metrics.values():
        assert list(horizons) == ["at_once", "day_old", "month_old"]
        assert all(set(found) == {"mse", "rmse", "mae"} for found in horizons.values())
    trees = result.metrics["trees"]
    assert trees["at_once"] != trees["day_old"] != trees["month_old"]


def test_parameters_that_know_the_last_day_have_errors_at_once_only(dataset):
    result = train_run(dataset, RunSettings(model="svd", protocol="per-user"))
    assert all(list(horizons) == ["at_once"] for horizons in result.metrics.values())


def test_per_user_runs_keep_until_when_each_user_was_fitted(dataset):
    result = train_run(dataset, RunSettings(model="trees", protocol="per-user", hyperparameters=FEW))
    parts, last = split(dataset.ratings, "per-user"), result.fitted_until
    tested = dataset.ratings.take(parts.test)
    users = dataset.user_ids[tested.user_index]
    assert all(last[user] < at for user, at in zip(users, tested.rated_at, strict=True))
    fitted = dataset.ratings.take(np.union1d(parts.train, parts.validation))
    assert all(
        last[user] >= at
        for user, at in zip(dataset.user_ids[fitted.user_index], fitted.rated_at, strict=True)
    )


def test_vectors_made_again_since_training_are_refused(dataset):
    train_run(dataset, RunSettings(model="trees_graph", embeddings="fastrp", hyperparameters=FEW))
    run = RunFolder.latest()
    load_model(run, replace(dataset, ratings=dataset.ratings.take(np.arange(len(dataset.ratings) - 1))))
    for movies in (dataset.vectors.movies[::-1], dataset.vectors.movies[:, :4]):
        again = replace(dataset, vectors=replace(dataset.vectors, movies=movies))
        with pytest.raises(ModelRunError, match=r"has changed\. Train again"):
            load_model(run, again)


def test_ratings_of_one_time_cannot_be_split(dataset, tmp_path):
    ratings = dataset.ratings
    tied = replace(dataset, ratings=replace(ratings, rated_at=np.zeros_like(ratings.rated_at)))
    with pytest.raises(InputError, match="train"):
        train_run(tied, RunSettings())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (RunSettings(model="default"), "Unknown model 'default'; expected one of"),
        (RunSettings(hyperparameters={"wings": 2}), "Unknown hyperparameter wings"),
    ],
)
def test_unknown_models_and_hyperparameters_leave_no_run(dataset, tmp_path, settings, words):
    with pytest.raises(InputError, match=words):
        train_run(dataset, settings)
    assert not list(tmp_path.iterdir())


def test_a_run_started_on_other_data_is_not_resumed(dataset, tmp_path):
    run, settings = RunFolder(tmp_path), RunSettings()
    run.write("settings", asdict(settings))
    run.write("data", {"fingerprint": "of other ratings"})
    with pytest.raises(ModelRunError, match="The graph has changed since model run"):
        train_run(dataset, settings, run)


def test_an_interrupted_run_keeps_its_ranking(dataset, monkeypatch):
    settings = RunSettings(model="trees", hyperparameters=FEW)
    with monkeypatch.context() as patch:
        patch.setattr(training, "build", lambda *_, **__: _Interrupted())
        with pytest.raises(KeyboardInterrupt):
            train_run(dataset, settings)
    monkeypatch.setattr(training, "fit_ranker", None)
    result = train_run(dataset, settings, RunFolder.latest(finished=False))
    run = RunFolder.open(result.model_id)
    assert result.ranking["ndcg"] >= 0
    assert load_ranker(run, dataset, on_all=True).settings == load_ranker(run, dataset).settings


class _Interrupted:
    def fit(self, *_: object, **__: object) -> None:
        raise KeyboardInterrupt


def test_a_run_that_another_process_trains_is_left_alone(dataset, tmp_path):
    run = RunFolder(tmp_path / "run")
    run.path.mkdir()
    with run.held(), pytest.raises(ModelRunError, match="Another process is training"):
        train_run(dataset, RunSettings(), run)
    assert not run.begun


def test_no_run_and_an_unfinished_run_are_told_apart():
    with pytest.raises(ModelRunError, match=r"No trained model in .*kgrec-gds train"):
        RunFolder.latest()
    run = RunFolder.create()
    with pytest.raises(ModelRunError, match="No interrupted training"):
        RunFolder.latest(finished=False)
    run.write("settings", asdict(RunSettings()))
    assert RunFolder.latest(finished=False) == run
    with pytest.raises(ModelRunError, match=r"not finished.*--resume"):
        run.read("metrics")
    with pytest.raises(ModelRunError, match="Unknown model run"):
        RunFolder.open("../elsewhere")
