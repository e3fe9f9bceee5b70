"""`kgrec-gds models`."""

from contextlib import nullcontext
from pathlib import Path

import click

from kgrec_gds.cli import models_text
from kgrec_gds.cli.options import env_file_option, json_option, show


@click.group()
def models() -> None:
    """List, compare, promote and remove model runs."""


@models.command("list")
@env_file_option
@json_option
def list_(env_file: Path | None, as_json: bool) -> None:
    """Show all model runs, the latest first, interrupted and unrecorded ones too.

    Where no database runs, those of this machine are shown.
    """
    from kgrec_gds.workflows.connect import connect_if_running
    from kgrec_gds.workflows.models import list_models

    with connect_if_running(env_file) or nullcontext() as connection:
        show(list_models(connection), as_json, models_text.list_of)


@models.command()
@click.argument("model_ids", nargs=-1, required=True)
@env_file_option
@json_option
def compare(model_ids: tuple[str, ...], env_file: Path | None, as_json: bool) -> None:
    """Show the test errors of model runs side by side."""
    from kgrec_gds.workflows.connect import connect_if_running
    from kgrec_gds.workflows.models import list_models

    with connect_if_running(env_file) or nullcontext() as connection:
        show(list_models(connection, model_ids), as_json, models_text.side_by_side)


@models.command()
@click.argument("model_id")
@env_file_option
@json_option
def promote(model_id: str, env_file: Path | None, as_json: bool) -> None:
    """Make predict and recommend use this run. Without a promoted run they use the latest."""
    from kgrec_gds.workflows.connect import connect
    from kgrec_gds.workflows.models import promote as run

    with connect(env_file=env_file) as connection:
        text = f"predict and recommend use {model_id} from now on."
        show(run(connection, model_id), as_json, lambda _: text)


@models.command()
@click.argument("model_id")
@env_file_option
@json_option
def remove(model_id: str, env_file: Path | None, as_json: bool) -> None:
    """Remove a run, its predictions in the graph and its folder."""
    from kgrec_gds.workflows.connect import connect
    from kgrec_gds.workflows.models import remove as run

    with connect(env_file=env_file) as connection:
        show(
            run(connection, model_id),
            as_json,
            lambda removed: f"Removed {model_id} and {removed.predictions_deleted:,} predictions.",
        )
