"""`kgrec-gds tune`: a search for settings, on time folds before the test."""

from pathlib import Path
from typing import Any

import click

from kgrec_gds.cli.options import embeddings_option, env_file_option, json_option, show


@click.command()
@click.option(
    "--model",
    "what",
    type=click.Choice(("network", "trees", "paper")),
    default="network",
    show_default=True,
    help="paper: the published recipe, on plain folds of its random split.",
)
@click.option(
    "--trials", type=click.IntRange(1), default=20, show_default=True, help="In all, earlier calls included."
)
@click.option(
    "--sampler",
    type=click.Choice(("tpe", "random", "grid")),
    default="tpe",
    show_default=True,
    help="How to draw.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the sampler and of each training.")
@embeddings_option
@click.option(
    "--storage",
    type=click.Path(path_type=Path, dir_okay=False),
    help="SQLite file of the search.  [default: tuning.db in the tool's home]",
)
@json_option
@env_file_option
def tune(*, env_file: Path | None, as_json: bool, **options: Any) -> None:
    """Search for better settings of the network or the trees.

    Each trial is measured on five folds, each trained on everything before the block it is measured on; the test's
    ratings are never touched. Poor trials are stopped early. An interrupted search goes on where it was.
    """
    from kgrec_gds.database.connection import connect
    from kgrec_gds.workflows.train import tune_from_graph

    with connect(env_file=env_file) as graph:
        show(tune_from_graph(graph, **options), as_json, _text)


def _text(result: Any) -> str:
    chosen = "\n".join(f"  {name} = {value}" for name, value in result.best_settings.items())
    default = f" (the preset's own: {result.default_value:.4f})" if result.default_value is not None else ""
    return (
        f"{result.trials} trials, {result.pruned} of them stopped early, kept in {result.storage}.\n"
        f"Best mean squared error over the folds: {result.best_value:.4f}{default}, with\n{chosen}"
    )
