import json
from dataclasses import asdict, replace

import pytest
from click.testing import CliRunner
from rich.console import Console

from kgrec_gds.cli import main
from kgrec_gds.cli.models_text import list_of, side_by_side
from kgrec_gds.models.run_folder import RunFolder
from kgrec_gds.models.training import RunSettings
from kgrec_gds.serving.model_runs import ModelRun
from kgrec_gds.workflows.models import ModelRuns


def run(model_id, model, *, promoted=False, here=True, **errors):
    horizons = ("at_once", "day_old", "month_old")
    metrics = {
        name: {horizon: {"mse": mse} for horizon, mse in zip(horizons, values, strict=False)}
        for name, values in errors.items()
    }
    return ModelRun(
        model_id, "2026-11-26", model, "per-user", "distmult", 0, promoted, 26_265, metrics, here, "recorded"
    )


RUNS = ModelRuns(
    [
        run(
            "20261126-135010-496c",
            "attention_lstm",
            promoted=True,
            attention_lstm=(2.18862, 3.1, 3.2),
            global_mean=(4.65481, 4.65481, 4.65481),
        ),
        run("20261126-041349-1631", "trees_graph", here=False, trees_graph=(2.21041, 3.15, 3.25)),
    ],
    True,
    {},
)


@pytest.fixture
def printed():
    def render(table):
        console = Console(width=80)
        with console.capture() as caught:
            console.print(table)
        return caught.get().splitlines()

    return render


def test_a_terminal_of_80_columns_shows_runs_with_three_errors(printed):
    lines = printed(list_of(RUNS))
    assert all(len(line) <= 80 for line in lines)
    first, second = (next(line for line in lines if run.model_id in line) for run in RUNS.models)
    assert f"{RUNS.models[0].model_id} * " in first
    assert "26,265" in first
    assert [error for error in ("2.1886", "3.1000", "3.2000") if error not in first] == []
    assert "*" not in second
    assert f"{RUNS.models[1].model_id} ! " in second
    assert "2.2104" in second
    text = " ".join(" ".join(lines).split())
    assert "* promoted: predict and recommend use it." in text
    assert "! its folder is not on this machine" in text


def test_compared_runs_stand_side_by_side(printed):
    lines = printed(side_by_side(RUNS))
    assert any(all(run.model_id in line for run in RUNS.models) for line in lines)
    row = {line.split("│")[1].strip(): line.split("│")[2:4] for line in lines if line.count("│") == 4}
    assert [cell.strip() for cell in row["attention_lstm, at once"]] == ["2.1886", ""]
    assert [cell.strip() for cell in row["trees_graph, a month"]] == ["", "3.2500"]
    assert [cell.strip() for cell in row["global_mean, a day"]] == ["4.6548", ""]
    assert [cell.strip() for cell in row["model"]] == ["attention_lstm", "trees_graph"]


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ("unrecorded", "train --resume"),
        ("interrupted", "finishes the latest"),
        ("damaged", "models remove RUN"),
    ],
)
def test_runs_that_are_not_recorded_say_what_to_do(printed, state, word):
    odd = replace(run("20261126-135010-496c", "attention_lstm", attention_lstm=(2.1, 3.1, 3.2)), state=state)
    lines = printed(list_of(ModelRuns([odd], False, {})))
    assert all(len(line) <= 80 for line in lines)
    assert state in next(line for line in lines if odd.model_id in line)
    text = " ".join(" ".join(lines).split())
    assert word in text
    assert "No database runs, so only runs of this machine are shown." in text


def test_without_a_server_the_runs_of_this_machine_are_listed(monkeypatch, tmp_path):
    monkeypatch.setenv("KGREC_HOME", str(tmp_path))
    monkeypatch.delenv("NEO4J_URI", raising=False)
    names = ("1-interrupted", "2-unrecorded", "3-recorded", "4-damaged", "5-training", "6-empty")
    for name in names:
        folder = RunFolder.create(name)
        if name != "6-empty":
            folder.write("settings", asdict(RunSettings()))
        if name[0] in "234":
            folder.write("metrics", {"metrics": {"attention_lstm": {"at_once": {"mse": 2.5}}}})
            folder.finish()
    RunFolder.open("3-recorded").write("recorded", {})
    (RunFolder.open("4-damaged").path / "metrics.json").write_text("")
    with RunFolder.open("5-training").held():
        found = CliRunner().invoke(main, ["models", "list", "--json"])
        shown = CliRunner().invoke(main, ["models", "list"])
    assert found.exit_code == 0, found.output
    runs = json.loads(found.stdout)["models"]
    assert {row["model_id"]: row["state"] for row in runs} == {
        name: name.split("-")[1] for name in names if name != "6-empty"
    }
    assert {row["predictions"] for row in runs} == {None}
    assert "2.5000" in shown.output
    compared = CliRunner().invoke(main, ["models", "compare", "2-unrecorded", "3-recorded"])
    assert "2.5000" in compared.output
    unknown = CliRunner().invoke(main, ["models", "compare", "7"])
    assert "There is no model run '7'" in unknown.output
    assert not (tmp_path / "server").exists(), "a server was installed"


@pytest.mark.parametrize("address", ["bolt://127.0.0.1:1", "neo4j://127.0.0.1:1"])
def test_a_database_that_is_away_does_not_hide_the_runs_of_this_machine(monkeypatch, tmp_path, address):
    monkeypatch.setenv("KGREC_HOME", str(tmp_path))
    monkeypatch.setenv("NEO4J_URI", address)
    RunFolder.create("1-interrupted").write("settings", asdict(RunSettings()))
    found = CliRunner().invoke(main, ["models", "list"])
    assert found.exit_code == 0, found.output
    assert "1-interrupted" in found.output
