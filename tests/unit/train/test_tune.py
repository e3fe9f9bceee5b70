import numpy as np
import pytest

from kgrec_gds.errors import InputError
from kgrec_gds.train.tune import plain_folds, time_folds, tune
from kgrec_gds.windows.splits import Split, split


def test_time_folds_only_ever_validate_on_what_is_later():
    events = np.arange(103)
    folds = list(time_folds(events))
    assert len(folds) == 5
    for train, later in folds:
        assert train.max() + 1 == later.min()
        assert train[0] == 0
    np.testing.assert_array_equal(np.concatenate([later for _, later in folds]), events[len(folds[0][0]) :])


def test_plain_folds_validate_every_event_once():
    events = np.arange(50, 100)
    folds = list(plain_folds(events, seed=4))
    assert sorted(np.concatenate([later for _, later in folds])) == list(events)
    assert all(not set(train) & set(later) and len(train) + len(later) == 50 for train, later in folds)


def test_a_search_goes_on_where_it_was(dataset, tmp_path):
    parts = split(dataset.ratings, "global")
    space = {"leaves": [4, 8], "learning_rate": [0.02, 0.2], "most_trees": [6]}

    def search(trials):
        return tune(
            dataset, parts, tmp_path / "t.db", what="trees", sampler="grid", trials=trials, space=space
        )

    first = search(1)
    assert first.trials == 1
    whole = search(4)
    assert whole.trials == 4
    assert whole.best_value <= first.best_value
    assert set(whole.best_settings) == set(space)


def test_a_search_for_nothing_is_refused(dataset, tmp_path):
    with pytest.raises(InputError, match="at least one value"):
        tune(dataset, split(dataset.ratings, "global"), tmp_path / "t.db", space={"leaves": []})


def test_a_search_on_too_few_ratings_is_refused(dataset, tmp_path):
    few = Split("global", np.arange(30), np.arange(30, 59), np.arange(59, 80))
    with pytest.raises(InputError, match="at least 60 ratings before the test; the graph holds 59"):
        tune(dataset, few, tmp_path / "t.db")
    assert not (tmp_path / "t.db").exists()
