"""`kgrec-gds evaluate`: compare models and write a report."""

import os
from pathlib import Path
from typing import Any

import click

from kgrec_gds.cli.options import embeddings_option, env_file_option, json_option, show


@click.command()
@click.option(
    "--protocol",
    "protocols",
    multiple=True,
    default=("global", "per-user"),
    show_default=True,
    type=click.Choice(("global", "per-user", "paper")),
    help="Divide the ratings this way; can be given several times.",
)
@click.option(
    "--seeds", default=3, show_default=True, type=click.IntRange(1), help="Fit with seeds 0 to N - 1."
)
@click.option(
    "--models",
    default="",
    help="Measure only these models, separated by commas.  [default: all; variants of attention_lstm under the first "
    "protocol with the first seed]",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("report"),
    show_default=True,
    help="Write the report into this folder; what was finished there before is kept.",
)
@embeddings_option
@click.option(
    "--ranking-users",
    default=300,
    show_default=True,
    type=click.IntRange(0),
    help="Measure the ranking for this many users, 0 for none.",
)
@click.option(
    "--workers",
    default=lambda: min(os.cpu_count() or 1, 4),
    show_default="one a core, at most 4",
    type=click.IntRange(1),
    help="Run this many processes in parallel, about 2 GB each.",
)
@json_option
@env_file_option
def evaluate(*, models: str, as_json: bool, env_file: Path | None, **options: Any) -> None:
    """Measure models on the graph's ratings and write a report.

    Errors are reported at once, and with a history that is a day and a month old. The report holds metrics.json, CSV
    tables and index.html, one page with everything in it. An interrupted evaluation resumes when the same command is
    given again.
    """
    from kgrec_gds.workflows.connect import connect
    from kgrec_gds.workflows.evaluate import evaluate as run

    names = [name for given in models.split(",") if (name := given.strip())]
    with connect(env_file=env_file) as connection:
        done = run(connection, models=names, **options)
    plain = {
        "report": str(done.page),
        "metrics": str(done.page.with_name("metrics.json")),
        "models": done.models,
        "comparisons": [record for record in done.results.comparisons if record["segment"] == "all"],
        "not_measured": done.results.not_measured,
        "seconds": done.seconds,
    }
    show(plain, as_json, _text)


def _text(plain: dict[str, Any]) -> Any:
    from rich.console import Group

    from kgrec_gds.evaluation.evaluation_summary import as_table

    return Group(as_table(plain["models"]), f"Report: {plain['report']}")
