"""`kgrec-gds evaluate`: every model under every protocol, with intervals, as a report."""

import os
from pathlib import Path
from typing import Any

import click

from kgrec_gds.cli.options import embeddings_option, env_file_option, json_option, show
from kgrec_gds.progress import Timer

_PROTOCOLS = ("global", "per-user", "paper")


@click.command()
@click.option(
    "--protocol",
    "protocols",
    multiple=True,
    default=("global", "per-user"),
    show_default=True,
    type=click.Choice(_PROTOCOLS),
    help="How the ratings are parted; can be given several times.",
)
@click.option("--seeds", default=3, show_default=True, type=click.IntRange(1), help="Seeds 0 to N - 1.")
@click.option(
    "--models",
    default="",
    help="Names with commas between them.  [default: all; ablations under the first protocol, with the first seed]",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("report"),
    show_default=True,
    help="Folder of the report; what was finished there before is kept.",
)
@embeddings_option
@click.option("--day-old", is_flag=True, help="Measure also with histories that are a day old.")
@click.option(
    "--ranking-users",
    default=300,
    show_default=True,
    type=click.IntRange(0),
    help="Users of the ranking metrics.",
)
@click.option(
    "--workers",
    default=lambda: min(os.cpu_count() or 1, 4),
    show_default="one a core, at most 4",
    type=click.IntRange(1),
    help="Processes side by side, about 2 GB each.",
)
@json_option
@env_file_option
def evaluate(
    *, models: str, out: Path, embeddings: str | None, as_json: bool, env_file: Path | None, **measured: Any
) -> None:
    """Measure models on the graph's ratings and write a report.

    The report holds metrics.json, CSV tables and index.html, one page with everything in it. An interrupted
    evaluation goes on where it stopped when the same command is given again.
    """
    from kgrec_gds.evaluation.evaluation_summary import as_text, outcome
    from kgrec_gds.evaluation.harness import EvaluateSettings
    from kgrec_gds.workflows.connect import connect
    from kgrec_gds.workflows.evaluate import evaluate as run
    from kgrec_gds.workflows.train import pull_to_evaluate

    chosen = tuple(name.strip() for name in models.split(",") if name.strip())
    settings = EvaluateSettings(models=chosen, **measured)
    timer = Timer()
    with timer.stage("windows"), connect(env_file=env_file) as graph:
        dataset = pull_to_evaluate(graph, embeddings, settings.protocols)
    with timer.stage("evaluate"):
        done = run(dataset, settings, out)
    show(outcome(done, timer.seconds), as_json, as_text)
