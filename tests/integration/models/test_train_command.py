"""The train command on the generated data set and a real server, and what its planted taste is worth."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from kgrec_gds.cli import main
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.pull import pull
from kgrec_gds.data.splits import split
from kgrec_gds.database.connection import Connection
from kgrec_gds.models.run_folder import RunFolder
from kgrec_gds.server import lifecycle
from kgrec_gds.synthetic import SyntheticDataSettings, generate


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def run(*arguments: str) -> dict[str, Any]:
    result = invoke(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def graph(own_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    folder = tmp_path_factory.mktemp("generated")
    generate(folder, SyntheticDataSettings(users=250, movies=300, ratings_per_user=40))
    run("import", "--imdb", str(folder), "--csv-dir", str(own_home / "import"))
    with Connection.open(lifecycle.ensure_running().address) as graph:
        yield graph


@pytest.fixture(scope="module")
def without_vectors(graph: Connection) -> dict[str, Any]:
    return run("train", "--epochs", "1", "--members", "1")


@pytest.fixture(scope="module")
def dataset(without_vectors: dict[str, Any], graph: Connection) -> Dataset:
    run("embed", "--method", "fastrp")
    return pull(graph, "fastrp")


def test_it_works_without_vectors_and_prints_the_baselines_beside(without_vectors: dict[str, Any]) -> None:
    assert without_vectors["embeddings"] is None
    metrics = without_vectors["metrics"]
    assert set(metrics) == {"default", "attention_lstm", "trees_default", "biases_causal", "global_mean"}
    assert metrics["default"]["mse"] < metrics["biases_causal"]["mse"] < metrics["global_mean"]["mse"]
    assert metrics["default"]["rmse"] == pytest.approx(metrics["default"]["mse"] ** 0.5)
    assert {"windows", "train"} <= set(without_vectors["seconds"])


def test_the_run_is_kept_on_disk_and_in_the_graph(graph: Connection, without_vectors: dict[str, Any]) -> None:
    kept = RunFolder.open(without_vectors["model_id"])
    names = {path.name for path in kept.path.iterdir()}
    assert {
        "settings.json",
        "metrics.json",
        "versions.json",
        "network.weights.h5",
        "trees_graph.skops",
    } <= names
    assert "checkpoint" not in names
    found = graph.driver.execute_query("MATCH (run:ModelRun {id: $id}) RETURN run", id=kept.model_id).records
    assert json.loads(found[0]["run"]["metrics"]) == without_vectors["metrics"]
    assert found[0]["run"]["cutoff"] == without_vectors["cutoffs"]["test"]


def test_an_interrupted_training_goes_on_and_another_starts_from_its_weights(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kgrec_gds.models.trees import Trees

    with monkeypatch.context() as patch:
        patch.setattr(Trees, "fit", _interrupt)
        stopped = invoke("train", "--epochs", "1", "--members", "1")
    assert stopped.exit_code == 1
    assert "Interrupted" in stopped.output
    unfinished = RunFolder.latest(finished=False)
    resumed = run("train", "--resume")
    assert resumed["model_id"] == unfinished.model_id
    assert resumed["embeddings"] == "fastrp"
    continued = run("train", "--continue", "--epochs", "1", "--members", "1")
    assert RunFolder.open(continued["model_id"]).read("settings")["continued_from"] == resumed["model_id"]
    assert continued["history"][0]["train_mse"] < resumed["history"][0]["train_mse"]


def test_nothing_to_resume_is_said_in_a_line(dataset: Dataset) -> None:
    refused = invoke("train", "--resume")
    assert refused.exit_code == 1
    assert "interrupted training" in refused.output


def test_vectors_of_the_graph_beat_the_same_vectors_shuffled(dataset: Dataset) -> None:
    """The taste is planted for directors, actors and genres, so only the vectors of the right movies help."""
    from kgrec_gds.models.attention_lstm.hyperparameters import Settings
    from kgrec_gds.models.attention_lstm.model import AttentionLstm

    parts = split(dataset.ratings, "global")
    settings = Settings(use_graph_features=False, epochs=6, members=1)
    error = {}
    for name, seen in (("true", dataset), ("shuffled", _shuffled(dataset))):
        predicted = AttentionLstm(settings).fit(seen, parts, 0).predict(seen, parts.test)
        error[name] = float(np.mean((predicted - dataset.ratings.rating[parts.test]) ** 2))
    assert error["true"] < 0.98 * error["shuffled"], error


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _shuffled(dataset: Dataset) -> Dataset:
    assert dataset.vectors is not None
    rng = np.random.default_rng(0)

    def mixed(rows: np.ndarray) -> np.ndarray:
        return np.concatenate([rows[:1], rng.permutation(rows[1:])])

    entities = {name: mixed(rows) for name, rows in dataset.vectors.entities.items()}
    return replace(
        dataset, vectors=replace(dataset.vectors, movies=mixed(dataset.vectors.movies), entities=entities)
    )
