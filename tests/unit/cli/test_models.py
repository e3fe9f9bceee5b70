import pytest
from rich.console import Console

from kgrec_gds.cli.models import _list_of, _side_by_side
from kgrec_gds.serving.model_runs import ModelRun


def run(model_id, *, promoted=False, **errors):
    metrics = {name: {"mse": error} for name, error in errors.items()}
    return ModelRun(
        model_id, "2026-11-26", "per-user", "default", "distmult", 0, promoted, 26_265, metrics, True
    )


RUNS = [
    run("20261126-135010-496c", promoted=True, default=2.18862, attention_lstm=2.2301),
    run("20261126-041349-1631", default=2.21041, global_mean=4.65481),
]


@pytest.fixture
def printed():
    def render(table):
        console = Console(width=80)
        with console.capture() as caught:
            console.print(table)
        return caught.get().splitlines()

    return render


def test_a_terminal_of_80_columns_shows_whole_names_and_errors(printed):
    lines = printed(_list_of(RUNS))
    assert all(len(line) <= 80 for line in lines)
    first, second = (next(line for line in lines if run.model_id in line) for run in RUNS)
    assert "496c *" in first
    assert "26,265" in first
    assert "2.1886" in first
    assert "*" not in second
    assert "2.2104" in second
    assert any("promoted" in line for line in lines)


def test_compared_runs_stand_side_by_side(printed):
    lines = printed(_side_by_side(RUNS))
    assert any(all(run.model_id in line for run in RUNS) for line in lines)
    row = {line.split()[1]: line.split() for line in lines if "│" in line}
    assert row["default"][3:6:2] == ["2.1886", "2.2104"]
    assert "2.2301" in row["attention_lstm"]
    assert "2.2104" not in row["attention_lstm"]
    assert "4.6548" in row["global_mean"]
