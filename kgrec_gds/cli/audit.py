"""`kgrec-gds audit`: which features, and whether the model, know what they must not."""

from pathlib import Path
from typing import Any

import click

from kgrec_gds.cli.options import env_file_option, json_option, show
from kgrec_gds.progress import Timer, say


@click.command()
@click.option(
    "--preset",
    type=click.Choice(("default", "paper")),
    default="default",
    show_default=True,
    help="Which features: those of train, or the published ones.",
)
@click.option(
    "--features", "own", metavar="MODULE:FUNCTION", help="Your own features: a function of a data set."
)
@click.option(
    "--model-id",
    help="Run whose prediction is the last row.  [default: the promoted, else the latest, else a quick fit]",
)
@click.option("--no-model", is_flag=True, help="Features only.")
@json_option
@env_file_option
def audit(
    *,
    preset: Any,
    own: str | None,
    model_id: str | None,
    no_model: bool,
    as_json: bool,
    env_file: Path | None,
) -> None:
    """Change what must not be known, compute the features again, and say which of them move.

    A feature contains its target when it moves with the target's own rating, sees the future when it moves with
    ratings at or after its moment, and is a later snapshot when its source was taken after the ratings. The last
    row of the default preset is the model's own prediction, end to end.
    """
    from kgrec_gds.data.pull import available_methods, pull
    from kgrec_gds.models.run_folder import RunFolder
    from kgrec_gds.serving.model_runs import chosen_run
    from kgrec_gds.workflows.audit import AuditReport, run_audit
    from kgrec_gds.workflows.connect import connect

    timer = Timer()
    with timer.stage("windows"), connect(env_file=env_file) as graph:
        if model_id is None and not no_model and any(run.predicts for run in RunFolder.all() if run.finished):
            model_id = chosen_run(graph).model_id
        trained_with = RunFolder.open(model_id).read("metrics")["embeddings"] if model_id else None
        dataset = pull(graph, trained_with or next(iter(available_methods(graph)), None))
    say(f"Auditing on {len(dataset.ratings):,} ratings.")
    with timer.stage("audit"):
        findings, model = run_audit(dataset, preset, own, model_id=model_id, with_model=not no_model)
    show(AuditReport(own or preset, model, findings, timer.seconds), as_json, _text)


def _text(report: Any) -> Any:
    from rich.table import Table

    table = Table("feature", "verdict", "largest change")
    for finding in report.features:
        table.add_row(finding.name, finding.verdict.replace("_", " "), f"{finding.largest_change:.3g}")
    return table
