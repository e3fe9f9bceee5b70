"""The train command on generated data and a real server."""

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
from kgrec_gds.data.query import Queries
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
    return run("train", "--epochs", "1")


@pytest.fixture(scope="module")
def dataset(without_vectors: dict[str, Any], graph: Connection) -> Dataset:
    run("embed", "--method", "fastrp")
    return pull(graph, "fastrp")


def test_a_graph_without_vectors_is_enough_and_baselines_are_measured_too(
    without_vectors: dict[str, Any],
) -> None:
    assert without_vectors["embeddings"] is None
    metrics = without_vectors["metrics"]
    assert list(metrics) == ["attention_lstm", "baseline_causal", "global_mean"]
    for history in ("at_once", "day_old", "month_old"):
        errors = {name: by_age[history] for name, by_age in metrics.items()}
        assert (
            errors["attention_lstm"]["mse"] < errors["baseline_causal"]["mse"] < errors["global_mean"]["mse"]
        )
        assert errors["attention_lstm"]["rmse"] == pytest.approx(errors["attention_lstm"]["mse"] ** 0.5)
    assert list(without_vectors["seconds"]) == ["read", "train", "record"]


def test_the_run_is_kept_on_disk_and_in_the_graph(graph: Connection, without_vectors: dict[str, Any]) -> None:
    kept = RunFolder.open(without_vectors["model_id"])
    assert str(kept.path) == without_vectors["folder"]
    names = {path.name for path in kept.path.iterdir()}
    assert {"settings.json", "metrics.json", "versions.json"} < names
    assert "checkpoint" not in names
    found = graph.driver.execute_query("MATCH (run:ModelRun {id: $id}) RETURN run", id=kept.model_id).records
    assert json.loads(found[0]["run"]["metrics"]) == without_vectors["metrics"]
    assert found[0]["run"]["cutoff"] == without_vectors["cutoffs"]["test"]
    assert found[0]["run"]["model"] == "attention_lstm"


@pytest.mark.parametrize("model", ["trees", "trees_graph", "blend", "baseline_causal"])
def test_train_fits_any_model_that_predict_then_writes(dataset: Dataset, model: str) -> None:
    trained = run("train", "--model", model, "--write")
    assert trained["model"] == model
    assert trained["embeddings"] == ("fastrp" if model in ("trees_graph", "blend") else None)
    assert trained["predictions_written"] > trained["events"]["test"]
    assert trained["trees"] is None or trained["trees"] > 1
    assert trained["seconds"]["write"] > 0


def test_an_interrupted_training_is_resumed_with_its_settings(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("kgrec_gds.models.training._result", _interrupt)
        stopped = invoke("train", "--epochs", "1", "--seed", "3")
    assert stopped.exit_code == 1
    assert "Interrupted" in stopped.output
    unfinished = RunFolder.latest(finished=False)
    resumed = run("train", "--resume")
    assert resumed["model_id"] == unfinished.model_id
    assert resumed["embeddings"] == "fastrp"
    assert unfinished.read("settings")["seed"] == 3


def test_a_run_that_the_database_could_not_record_is_recorded_later(
    dataset: Dataset, graph: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(connection: Connection, run: RunFolder) -> None:
        lifecycle.stop()
        connection.driver.verify_connectivity()  # what a transaction says, without its half minute of retries

    def recorded_metrics() -> list[dict[str, Any]]:
        query = "MATCH (run:ModelRun {id: $id}) RETURN run.metrics"
        rows = graph.driver.execute_query(query, id=kept.model_id).records
        return [json.loads(row[0]) for row in rows]

    with monkeypatch.context() as patch:
        patch.setattr("kgrec_gds.workflows.train.record_run", away)
        lost = invoke("train", "--model", "baseline_causal")
    assert lost.exit_code == 1
    assert "is trained and kept in" in lost.stderr
    assert "kgrec-gds train --resume records it without training" in lost.stderr
    kept = RunFolder.latest()
    files = {path.name: path.read_bytes() for path in kept.path.glob("*.*")}
    without_server = run("models", "list")
    assert not without_server["database"]
    assert without_server["models"][0]["model_id"] == kept.model_id
    assert without_server["models"][0]["state"] == "unrecorded"
    lifecycle.start()
    for later in (["train", "--resume"], ["predict"]):
        graph.driver.execute_query("MATCH (run:ModelRun {id: $id}) DETACH DELETE run", id=kept.model_id)
        assert run("models", "list")["models"][0]["state"] == "unrecorded"
        assert run(*later)["model_id"] == kept.model_id
        listed = run("models", "list")["models"][0]
        assert (listed["model_id"], listed["state"]) == (kept.model_id, "recorded")
        assert recorded_metrics() == [kept.read("metrics")["metrics"]]
    assert {path.name: path.read_bytes() for path in kept.path.glob("*.*")}.items() >= files.items()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--resume"], "No interrupted training"),
        (["--model", "baseline_causal", "--epochs", "2"], "no number of epochs"),
        (["--model", "trees", "--embeddings", "fastrp"], "reads no vectors"),
        (["--model", "paper"], "needs --protocol paper"),
        (["--model", "paper", "--protocol", "paper", "--write"], "Cannot write predictions"),
    ],
)
def test_wrong_arguments_are_refused_in_one_line(
    dataset: Dataset, arguments: list[str], message: str
) -> None:
    refused = invoke("train", *arguments)
    assert refused.exit_code == 1
    assert message in refused.stderr
    assert "Traceback" not in refused.output


def test_resume_takes_no_other_settings() -> None:
    refused = invoke("train", "--resume", "--seed", "1")
    assert refused.exit_code == 2
    assert "leave out --seed" in " ".join(refused.output.split())


def test_vectors_of_the_graph_beat_the_same_vectors_shuffled(dataset: Dataset) -> None:
    """Users like directors, actors and genres, so only the vectors of the right movies help."""
    from kgrec_gds.models.attention_lstm.model import AttentionLstm

    parts = split(dataset.ratings, "global")
    queries, rating = Queries.of(dataset.ratings.take(parts.test)), dataset.ratings.rating[parts.test]
    error = {}
    for name, data in (("true", dataset), ("shuffled", _shuffled(dataset))):
        model = AttentionLstm(use_graph_features=False, epochs=6).fit(data, parts, 0)
        error[name] = float(np.mean((model.predict(data, queries) - rating) ** 2))
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
