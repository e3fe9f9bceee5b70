"""`kgrec-gds models`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kgrec_gds.cli.options import env_file_option, json_option, show
from kgrec_gds.progress import Timer

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.table import Table

    from kgrec_gds.serving.model_runs import ModelRun


@click.group()
def models() -> None:
    """List, compare, promote and remove model runs."""


@models.command("list")
@env_file_option
@json_option
def list_(env_file: Path | None, as_json: bool) -> None:
    """Show all model runs, the latest first."""
    _show_runs((), env_file, _list_of, as_json=as_json)


@models.command()
@click.argument("model_ids", nargs=-1, required=True)
@env_file_option
@json_option
def compare(model_ids: tuple[str, ...], env_file: Path | None, as_json: bool) -> None:
    """Show the test errors of model runs side by side."""
    _show_runs(model_ids, env_file, _side_by_side, as_json=as_json)


@models.command()
@click.argument("model_id")
@env_file_option
@json_option
def promote(model_id: str, env_file: Path | None, as_json: bool) -> None:
    """Make a run the one that predict and recommend use; without one they use the latest."""
    from kgrec_gds.serving.model_runs import promote as run
    from kgrec_gds.workflows.connect import connect

    timer = Timer()
    with connect(env_file=env_file) as graph, timer.stage("write"):
        result = run(graph, model_id)
    said = f"{result.model_id} is what predict and recommend use."
    show(result, as_json, lambda _: said, timer.seconds)


@models.command()
@click.argument("model_id")
@env_file_option
@json_option
def remove(model_id: str, env_file: Path | None, as_json: bool) -> None:
    """Remove a run, its predictions in the graph and its folder."""
    from kgrec_gds.serving.model_runs import remove as run
    from kgrec_gds.workflows.connect import connect

    timer = Timer()
    with connect(env_file=env_file) as graph, timer.stage("write"):
        result = run(graph, model_id)
    said = f"Removed {result.model_id} and {result.predictions_deleted:,} predictions."
    show(result, as_json, lambda _: said, timer.seconds)


def _show_runs(
    model_ids: tuple[str, ...],
    env_file: Path | None,
    shown: "Callable[[list[ModelRun]], Table]",
    *,
    as_json: bool,
) -> None:
    from kgrec_gds.serving.model_runs import model_runs
    from kgrec_gds.workflows.connect import connect

    timer = Timer()
    with connect(env_file=env_file) as graph, timer.stage("read"):
        runs = model_runs(graph, model_ids)
    show({"models": runs}, as_json, lambda _: shown(runs), timer.seconds)


def _list_of(runs: "list[ModelRun]") -> "Table":
    """A row a run, narrow enough for a terminal of 80 columns."""
    from rich.table import Table

    table = Table(title="Model runs, and the mean squared error of each on its test", title_justify="left")
    for column in ("model", "protocol", "vectors", "predictions", "here", "error"):
        table.add_column(column, justify="right" if column in {"predictions", "error"} else "left")
    for run in runs:
        error = next((f"{metrics['mse']:.4f}" for metrics in run.metrics.values()), "")
        here = "yes" if run.on_this_machine else "no"
        table.add_row(_name(run), run.protocol, run.embeddings or "none", f"{run.predictions:,}", here, error)
    if any(run.promoted for run in runs):
        table.caption = "* promoted: predict and recommend use it"
    return table


def _side_by_side(runs: "list[ModelRun]") -> "Table":
    """A column a run: what it was trained for, then the errors of all that was measured beside it."""
    from rich.table import Table

    table = Table(title="Model runs: mean squared error on test", title_justify="left")
    table.add_column("")
    for run in runs:
        table.add_column(_name(run), justify="right")
    table.add_row("protocol", *(run.protocol for run in runs))
    table.add_row("vectors", *(run.embeddings or "none" for run in runs))
    for model in dict.fromkeys(name for run in runs for name in run.metrics):
        errors = (f"{run.metrics[model]['mse']:.4f}" if model in run.metrics else "" for run in runs)
        table.add_row(model, *errors)
    return table


def _name(run: "ModelRun") -> str:
    return f"{run.model_id} *" if run.promoted else run.model_id
