"""`kgrec-gds models`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kgrec_gds.cli.options import env_file_option, json_option, show
from kgrec_gds.progress import Timer

if TYPE_CHECKING:
    from rich.table import Table

    from kgrec_gds.write.models import ModelRun


@click.group()
def models() -> None:
    """List, compare, promote and remove model runs."""


@models.command("list")
@env_file_option
@json_option
def list_(env_file: Path | None, as_json: bool) -> None:
    """Show all model runs, the latest first."""
    _show_runs((), env_file, as_json=as_json)


@models.command()
@click.argument("model_ids", nargs=-1, required=True)
@env_file_option
@json_option
def compare(model_ids: tuple[str, ...], env_file: Path | None, as_json: bool) -> None:
    """Show the test errors of model runs side by side."""
    _show_runs(model_ids, env_file, as_json=as_json)


@models.command()
@click.argument("model_id")
@env_file_option
@json_option
def promote(model_id: str, env_file: Path | None, as_json: bool) -> None:
    """Make a run the one that predict and recommend use; without one they use the latest."""
    from kgrec_gds.graph import connect
    from kgrec_gds.write.models import promote as run

    timer = Timer()
    with connect(env_file) as graph, timer.room("write"):
        result = run(graph, model_id)
    said = f"{result.model_id} is what predict and recommend use."
    show(result, as_json, lambda _: said, timer.seconds)


@models.command()
@click.argument("model_id")
@env_file_option
@json_option
def remove(model_id: str, env_file: Path | None, as_json: bool) -> None:
    """Remove a run, its predictions in the graph and its folder."""
    from kgrec_gds.graph import connect
    from kgrec_gds.write.models import remove as run

    timer = Timer()
    with connect(env_file) as graph, timer.room("write"):
        result = run(graph, model_id)
    said = f"Removed {result.model_id} and {result.predictions_deleted:,} predictions."
    show(result, as_json, lambda _: said, timer.seconds)


def _show_runs(model_ids: tuple[str, ...], env_file: Path | None, *, as_json: bool) -> None:
    from kgrec_gds.graph import connect
    from kgrec_gds.write.models import model_runs

    timer = Timer()
    with connect(env_file) as graph, timer.room("read"):
        runs = model_runs(graph, model_ids)
    show({"models": runs}, as_json, lambda _: _table(runs), timer.seconds)


def _table(runs: "list[ModelRun]") -> "Table":
    from rich.table import Table

    table = Table(title="Model runs: mean squared error on test", title_justify="left")
    errors = list(dict.fromkeys(name for run in runs for name in run.metrics))
    for column in ("model", "protocol", "vectors", "predictions", "here", *errors):
        table.add_column(column)
    for run in runs:
        name = f"{run.model_id} (promoted)" if run.promoted else run.model_id
        known = (f"{run.metrics[error]['mse']:.4f}" if error in run.metrics else "" for error in errors)
        here = "yes" if run.on_this_machine else "no"
        table.add_row(name, run.protocol, run.embeddings or "none", f"{run.predictions:,}", here, *known)
    return table
