import pytest
from rich.console import Console

from kgrec_gds.cli.models_text import list_of, side_by_side
from kgrec_gds.serving.model_runs import ModelRun
from kgrec_gds.workflows.models import ModelRuns


def run(model_id, model, *, promoted=False, here=True, **errors):
    horizons = ("at_once", "day_old", "month_old")
    metrics = {
        name: {horizon: {"mse": mse} for horizon, mse in zip(horizons, values, strict=False)}
        for name, values in errors.items()
    }
    return ModelRun(model_id, "2026-11-26", model, "per-user", "distmult", 0, promoted, 26_265, metrics, here)


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
