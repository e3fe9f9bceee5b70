from dataclasses import replace
from unittest.mock import Mock

import numpy as np
import optuna
import pytest

from kgrec_gds.data.splits import Split, split
from kgrec_gds.errors import InputError
from kgrec_gds.models.trees import Trees
from kgrec_gds.models.tuning import plain_folds, time_folds, tune


def test_time_folds_only_ever_validate_on_what_is_later():
    events = np.arange(103)
    folds = list(time_folds(events, events))
    assert len(folds) == 5
    for train, later in folds:
        assert train.max() + 1 == later.min()
        assert train[0] == 0
    np.testing.assert_array_equal(np.concatenate([later for _, later in folds]), events[len(folds[0][0]) :])


def test_events_of_the_same_time_stay_in_one_block():
    events = np.arange(60)
    times = events // 13
    folds = list(time_folds(events, times))
    assert len(folds) == 3
    assert all(times[train].max() < times[later].min() for train, later in folds)
    assert not list(time_folds(events, np.zeros(60, np.int64)))


def test_plain_folds_validate_every_event_once():
    events = np.arange(50, 100)
    folds = list(plain_folds(events, seed=4))
    assert sorted(np.concatenate([later for _, later in folds])) == list(events)
    assert all(not set(train) & set(later) and len(train) + len(later) == 50 for train, later in folds)


def test_a_search_continues_where_it_stopped(dataset, tmp_path):
    parts = split(dataset.ratings, "global")
    space = {"leaves": [4, 8], "learning_rate": [0.02, 0.2], "most_trees": [6]}

    def search(trials):
        return tune(
            dataset, parts, tmp_path / "t.db", model="trees_graph", sampler="grid", trials=trials, space=space
        )

    first = search(1)
    assert first.trials == 1
    whole = search(4)
    assert whole.trials == 4
    assert whole.best_value <= first.best_value
    assert set(whole.best_settings) == set(space)


SPACE = {"leaves": [4, 8, 16], "learning_rate": [0.02, 0.1, 0.2], "l2": [0.0, 5.0, 20.0], "most_trees": [6]}


def drawn(storage):
    (study,) = optuna.get_all_study_names(f"sqlite:///{storage}")
    return [
        trial.params
        for trial in optuna.load_study(study_name=study, storage=f"sqlite:///{storage}").trials
        if trial.state.name in ("COMPLETE", "PRUNED")
    ]


@pytest.mark.parametrize("sampler", ["random", "tpe", "grid"])
def test_an_interrupted_search_draws_the_settings_of_an_uninterrupted_one(dataset, tmp_path, sampler):
    parts = split(dataset.ratings, "global")

    def search(file, trials, **options):
        return tune(
            dataset,
            parts,
            tmp_path / file,
            model="trees_graph",
            sampler=sampler,
            trials=trials,
            space=SPACE,
            **options,
        )

    def interrupt(_stage, done, _total):
        if done == 2:
            raise KeyboardInterrupt

    search("whole.db", 5)
    with pytest.raises(KeyboardInterrupt):
        search("parts.db", 5, callback=interrupt)
    assert len(drawn(tmp_path / "parts.db")) == 2
    search("parts.db", 5)
    assert drawn(tmp_path / "parts.db") == drawn(tmp_path / "whole.db")
    assert len({tuple(sorted(params.items())) for params in drawn(tmp_path / "whole.db")}) > 3


def test_an_interrupted_trial_is_tried_again(dataset, tmp_path, monkeypatch):
    parts = split(dataset.ratings, "global")
    space = {"l2": [0.0, 20.0]}

    def search():
        return tune(dataset, parts, tmp_path / "t.db", model="trees_graph", trials=1, space=space)

    with monkeypatch.context() as broken:
        broken.setattr(Trees, "fit", Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            search()
    found = search()
    assert found.trials == 1
    assert found.default_value == found.best_value  # the default settings are tried first


def test_trials_on_other_data_belong_to_another_study(dataset, tmp_path):
    later = replace(dataset.ratings, rated_at=dataset.ratings.rated_at + 1)
    for data in (dataset, replace(dataset, ratings=later)):
        tune(
            data, split(data.ratings, "global"), tmp_path / "t.db",
            model="trees_graph", trials=1, sampler="grid", space={"most_trees": [3]},
        )  # fmt: skip
    assert len(optuna.get_all_study_names(f"sqlite:///{tmp_path / 't.db'}")) == 2


def test_an_empty_search_space_is_refused(dataset, tmp_path):
    with pytest.raises(InputError, match="Empty search space"):
        tune(dataset, split(dataset.ratings, "global"), tmp_path / "t.db", space={"leaves": []})


def test_a_search_on_too_few_ratings_is_refused(dataset, tmp_path):
    few = Split("global", np.arange(30), np.arange(30, 59), np.arange(59, 80))
    with pytest.raises(InputError, match="Too few ratings before the test: 59; a search needs at least 60"):
        tune(dataset, few, tmp_path / "t.db")
    assert not (tmp_path / "t.db").exists()
