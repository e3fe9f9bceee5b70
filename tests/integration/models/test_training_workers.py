"""`train --workers`: processes of this machine, on generated data and a real server."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from click.testing import CliRunner

from kgrec_gds.cli import main
from kgrec_gds.errors import ModelRunError
from kgrec_gds.models.run_folder import RunFolder
from kgrec_gds.synthetic import SyntheticDataSettings, generate

pytestmark = pytest.mark.timeout(600)


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "kgrec_gds", "-q", "train", "--hold-out", "--no-publish", *arguments]


def train(*arguments: str) -> dict[str, Any]:
    done = subprocess.run(command(*arguments, "--json"), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return dict(json.loads(done.stdout))


@pytest.fixture(scope="module")
def graph(own_home: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("generated")
    generate(folder, SyntheticDataSettings(users=120, movies=200, ratings_per_user=30))
    for arguments in (
        ["import", "--imdb", str(folder), "--csv-dir", str(own_home / "import")],
        ["embed", "--method", "fastrp", "--dimension", "8"],
    ):
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 0, result.output


def test_two_workers_reach_the_error_of_one(graph: None) -> None:
    together, alone = train("--epochs", "3", "--workers", "2"), train("--epochs", "3")
    assert len(together["history"]) == len(alone["history"]) == 3
    for one, other in zip(together["history"], alone["history"], strict=True):
        assert one["train_mse"] == pytest.approx(other["train_mse"], rel=0.03)
        assert one["validation_mse"] == pytest.approx(other["validation_mse"], rel=0.03)
    for history, errors in together["metrics"]["attention_lstm"].items():
        assert errors["mse"] == pytest.approx(alone["metrics"]["attention_lstm"][history]["mse"], rel=0.03)


def worker_of(chief: subprocess.Popen[str]) -> psutil.Process:
    (worker,) = (child for child in psutil.Process(chief.pid).children() if "--workers" in child.cmdline())
    return worker


def test_a_worker_that_dies_when_the_network_is_fitted_is_not_missed(graph: None) -> None:
    chief = subprocess.Popen(
        command("--epochs", "1", "--workers", "2", "--json"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 200
        while not fitted() and time.monotonic() < deadline and chief.poll() is None:
            time.sleep(0.02)
        worker_of(chief).kill()
        output, error = chief.communicate(timeout=120)
    finally:
        chief.kill()
        chief.wait()
    assert chief.returncode == 0, error
    assert json.loads(output)["model_id"] == RunFolder.latest().model_id


def fitted() -> bool:
    try:
        return (RunFolder.latest(finished=False).path / "attention_lstm.weights.h5").exists()
    except ModelRunError:
        return False


def finished_epochs() -> int:
    try:
        progress = RunFolder.latest(finished=False).checkpoints / "choose" / "progress.json"
        return int(json.loads(progress.read_text())["epoch"])
    except (ModelRunError, OSError, ValueError):
        return 0  # not begun yet, or being replaced


def test_a_worker_that_dies_ends_the_others_and_training_goes_on_from_the_last_epoch(graph: None) -> None:
    chief = subprocess.Popen(
        command("--epochs", "60", "--workers", "2"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        deadline = time.monotonic() + 200
        while finished_epochs() < 2 and time.monotonic() < deadline and chief.poll() is None:
            time.sleep(0.05)
        worker_of(chief).kill()
        error = chief.communicate(timeout=120)[1]
    finally:
        chief.kill()
        chief.wait()
    assert chief.returncode == 1
    assert "Error: A training worker has ended" in error
    assert "kgrec-gds train --resume --workers 2" in error
    assert "Traceback" not in error
    run, done = RunFolder.latest(finished=False), finished_epochs()
    assert done >= 2
    result = subprocess.run(
        [sys.executable, "-m", "kgrec_gds", "-q", "train", "--resume", "--workers", "2", "--json"],
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert result.returncode == 0, result.stderr
    resumed = json.loads(result.stdout)
    assert resumed["model_id"] == run.model_id
    assert [each["epoch"] for each in resumed["history"]] == list(range(1, len(resumed["history"]) + 1))
    assert len(resumed["history"]) >= done


def test_a_model_of_one_process_is_refused() -> None:
    result = CliRunner().invoke(main, ["train", "--model", "trees", "--workers", "2"])
    assert result.exit_code == 1
    assert "Model 'trees' trains in one process; leave out --workers 2." in result.output


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("{", "Invalid TF_CONFIG"),
        ('{"cluster": {"worker": ["a:1", "b:2"]}}', "Invalid TF_CONFIG ('task')"),
        (
            '{"cluster": {"worker": ["a:1", "b:2"]}, "task": {"type": "worker", "index": 2}}',
            "Invalid task worker 2",
        ),
        (
            '{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 0}}',
            "Invalid --workers 2: TF_CONFIG names 1.",
        ),
    ],
)
def test_a_faulty_tf_config_is_refused(monkeypatch: pytest.MonkeyPatch, config: str, message: str) -> None:
    monkeypatch.setenv("TF_CONFIG", config)
    result = CliRunner().invoke(main, ["train", "--workers", "2"])
    assert result.exit_code == 1
    assert message in result.output
