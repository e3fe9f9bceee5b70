from dataclasses import replace

import numpy as np
import pytest

from kgrec_gds.data.query import Queries
from kgrec_gds.evaluation.harness import run_cells
from kgrec_gds.evaluation.plan import EvaluateSettings, plan
from kgrec_gds.evaluation.workers import fill
from kgrec_gds.models.delays import HORIZONS
from kgrec_gds.models.registry import build

MODELS = ("global_mean", "baseline_static", "baseline_causal", "svd")
SETTINGS = EvaluateSettings(("global", "per-user", "paper"), MODELS, seeds=2)


@pytest.fixture(scope="module")
def keys(dataset):
    return plan(dataset, SETTINGS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cells")


@pytest.fixture(scope="module")
def measured(dataset, keys, folder):
    return run_cells(dataset, keys, 5, folder, shown=False)


def cell(measured, protocol, model, seed=0):
    (found,) = [each for each in measured[protocol].cells if (each.key.model, each.key.seed) == (model, seed)]
    return found


def modified(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*.npz")}


@pytest.mark.parametrize("horizon", HORIZONS)
def test_a_cell_holds_the_model_s_predictions_at_each_horizon(dataset, measured, horizon):
    parts = measured["global"].split
    model = build("svd").fit(dataset, parts, 1)
    queries = Queries.of(dataset.ratings.take(parts.test)).delayed(HORIZONS[horizon])
    found = cell(measured, "global", "svd", seed=1).predicted[horizon]
    np.testing.assert_array_equal(found, model.predict(dataset, queries))


def test_old_histories_lose_ratings(measured):
    predicted = cell(measured, "global", "baseline_causal").predicted
    assert not np.array_equal(predicted["at_once"], predicted["day_old"])


def test_models_that_know_recent_ratings_have_no_prediction_with_an_old_history(measured):
    assert list(cell(measured, "per-user", "svd").predicted) == ["at_once"]
    assert list(cell(measured, "per-user", "baseline_causal").predicted) == list(HORIZONS)
    assert list(cell(measured, "paper", "baseline_causal").predicted) == ["at_once"]


def test_baselines_are_not_ranked_by_predicted_rating(measured):
    assert all(each.top_lists is None for part in measured.values() for each in part.cells)
    assert [kind.kind for kind in measured["global"].kinds] == ["midpoint", "day"]
    assert measured["per-user"].kinds == []


def test_finished_cells_are_not_made_again_but_those_of_changed_data_are(dataset, measured, keys, folder):
    before = modified(folder)
    run_cells(dataset, keys, 5, folder, shown=False)
    assert modified(folder) == before
    changed = replace(dataset, ratings=replace(dataset.ratings, rating=dataset.ratings.rating[::-1].copy()))
    run_cells(changed, keys[:1], 5, folder, shown=False)
    assert {path for path, time in modified(folder).items() if time != before[path]} == {
        folder / "global" / "global_mean.0.npz"
    }


def test_an_interrupted_write_leaves_no_cell(dataset, keys, tmp_path):
    (tmp_path / "global").mkdir()
    (tmp_path / "global" / "global_mean.0.part.npz").write_bytes(b"interrupted")
    (found,) = run_cells(dataset, keys[:1], 0, tmp_path, shown=False)["global"].cells
    assert np.isfinite(found.predicted["at_once"]).all()


def test_parallel_processes_give_the_same_predictions(dataset, measured, keys, tmp_path):
    some = [key for key in keys if key.protocol == "global"]
    fill(dataset, some, 5, tmp_path, workers=2)
    written = modified(tmp_path)
    again = run_cells(dataset, some, 5, tmp_path, shown=False)
    assert modified(tmp_path) == written
    for one, other in zip(measured["global"].cells, again["global"].cells, strict=True):
        assert one.key == other.key
        assert other.predicted["at_once"] == pytest.approx(one.predicted["at_once"], abs=1e-5)


def test_a_blend_is_the_mean_of_its_parts(dataset, tmp_path):
    keys = plan(dataset, EvaluateSettings(("global",), ("blend",), seeds=1))
    part = run_cells(dataset, keys, 3, tmp_path, shown=False)["global"]
    network, trees, blend = part.cells
    for horizon in HORIZONS:
        mean = (network.predicted[horizon] + trees.predicted[horizon]) / 2
        np.testing.assert_allclose(blend.predicted[horizon], mean, rtol=1e-6)
    assert blend.top_lists.shape == (sum(len(kind.sampled) for kind in part.kinds), 10)
    ratings = (network.candidate_ratings + trees.candidate_ratings)[0]
    assert ratings[blend.top_lists[0, 0]] == ratings.max()
    assert not (tmp_path / "global" / "blend.0.npz").exists()
    weights = network.attention
    assert weights.sum(axis=1) == pytest.approx(1, abs=1e-4)
    assert set(network.history[0]) >= {"epoch", "train_mse", "validation_mse"}
