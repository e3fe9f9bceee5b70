"""`kgrec-gds audit`: test features and predictions for leakage."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kgrec_gds.cli.options import env_file_option, json_option, literal, show

if TYPE_CHECKING:
    from kgrec_gds.workflows.audit import AuditReport


@click.command()
@click.option(
    "--preset",
    type=click.Choice(("default", "paper")),
    default="default",
    show_default=True,
    help="Audit the features that models read, or the published ones.",
)
@click.option(
    "--features", metavar="MODULE:FUNCTION", help="Audit your own features: a function of a data set."
)
@click.option("--model", help="Fit this model quickly and audit its prediction, in place of a model run.")
@click.option(
    "--model-id",
    help="Audit the prediction of this model run.  [default: the promoted, else the latest, else a quick fit]",
)
@click.option("--no-model", is_flag=True, help="Audit features only.")
@json_option
@env_file_option
def audit(*, no_model: bool, as_json: bool, env_file: Path | None, **options: Any) -> None:
    """Test features and predictions for target leakage and look-ahead.

    Ratings are changed and removed, and the features computed again. A feature contains its target if it changes with
    the target's own rating, and sees the future if it changes with ratings at or after its time. Histories that
    are a day and a month old are tested too. The last row of the default preset is a model's prediction, end to end.
    """
    from kgrec_gds.workflows.audit import audit as run
    from kgrec_gds.workflows.connect import connect

    with connect(env_file=env_file) as connection:
        show(run(connection, with_model=not no_model, **options), as_json, _text)


def _text(report: "AuditReport") -> Any:
    from rich.table import Table

    table = Table("feature", "verdict", "largest change")
    for finding in report.features:
        table.add_row(
            literal(finding.name), finding.verdict.replace("_", " "), f"{finding.largest_change:.3g}"
        )
    return table
