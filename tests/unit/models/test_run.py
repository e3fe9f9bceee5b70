from dataclasses import asdict, replace

import numpy as np
import pytest

from kgrec_gds.errors import InputError, ModelRunError
from kgrec_gds.models.run_folder import RunFolder
from kgrec_gds.models.training import RunSettings, train_run


@pytest.fixture
def settings(small_settings):
    return RunSettings(network=small_settings)


@pytest.fixture(scope="module")
def finished(dataset, small_settings, tmp_path_factory):
    """A trained run, in a home of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KGREC_HOME", str(tmp_path_factory.mktemp("home")))
        run = RunFolder.create("before")
        train_run(dataset, RunSettings(network=small_settings), run)
        yield run


def test_ratings_of_one_moment_are_nothing_to_train_on(dataset, monkeypatch, tmp_path):
    monkeypatch.setenv("KGREC_HOME", str(tmp_path))
    ratings = dataset.ratings
    tied = replace(dataset, ratings=replace(ratings, rated_at=np.zeros_like(ratings.rated_at)))
    with pytest.raises(InputError, match="should find ratings for train"):
        train_run(tied, RunSettings())
    assert not list(tmp_path.iterdir())


def test_what_it_was_asked_for_is_read_again(finished, settings):
    assert RunSettings.read(finished) == settings
    assert settings.parameters == settings.network.as_dict()
    assert RunSettings(preset="paper").parameters["epochs"] == 30


def test_another_run_starts_from_its_weights_and_chooses_nothing_anew(dataset, finished, settings):
    run = RunFolder.create("after")
    result = train_run(dataset, replace(settings, continued_from="before"), run)
    before = finished.read("metrics")
    assert result.epochs == settings.network.epochs
    assert result.history[0]["train_mse"] < before["history"][0]["train_mse"]
    assert not any("validation_mse" in epoch for epoch in result.history)
    assert run.read("default")["network_weight"] == pytest.approx(finished.read("default")["network_weight"])


def test_a_run_that_was_fitted_to_ratings_of_the_test_is_nothing_to_start_from(dataset, finished, settings):
    fewer = replace(dataset, ratings=dataset.ratings.take(np.arange(len(dataset.ratings) // 2)))
    before = RunFolder.all()
    for protocol in ("global", "per-user"):
        asked = replace(settings, protocol=protocol, continued_from="before")
        with pytest.raises(ModelRunError, match="knows no rating of the test"):
            train_run(fewer, asked)
    assert RunFolder.all() == before


def test_a_run_that_was_begun_on_other_data_does_not_go_on(dataset, settings, tmp_path):
    run = RunFolder(tmp_path)
    run.write("settings", asdict(settings))
    run.write("data", {"fingerprint": "of other ratings"})
    with pytest.raises(ModelRunError, match="should be as it was"):
        train_run(dataset, settings, run)


def test_a_run_that_is_being_trained_is_left_alone(dataset, settings, tmp_path):
    run = RunFolder(tmp_path)
    with run.held(), pytest.raises(ModelRunError, match="a process is training it"):
        train_run(dataset, settings, run)
    assert not run.begun
