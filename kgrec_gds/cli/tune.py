"""`kgrec-gds tune`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kgrec_gds.cli.options import embeddings_option, env_file_option, json_option, show

if TYPE_CHECKING:
    from kgrec_gds.workflows.tune import Search


@click.command()
@click.option(
    "--model",
    type=click.Choice(("attention_lstm", "trees_graph", "paper")),
    default="attention_lstm",
    show_default=True,
    help="Model to tune; paper is searched on shuffled folds of its random split.",
)
@click.option(
    "--trials",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    help="Number of trials, those of earlier calls included.",
)
@click.option(
    "--sampler",
    type=click.Choice(("tpe", "random", "grid")),
    default="tpe",
    show_default=True,
    help="How to draw the settings of a trial.",
)
@click.option(
    "--seed", type=int, default=0, show_default=True, help="Seed of the sampler and of each training."
)
@embeddings_option
@click.option(
    "--storage",
    type=click.Path(path_type=Path, dir_okay=False),
    help="SQLite file of the search.  [default: tuning.db in the tool's home]",
)
@env_file_option
@json_option
def tune(*, env_file: Path | None, as_json: bool, **options: Any) -> None:
    """Search for better hyperparameters of a model.

    A trial is measured on five folds, each predicted by a model that was trained on the ratings before it; the test is
    never touched. Poor trials are stopped early. Run the same command again to continue an interrupted search.
    """
    from kgrec_gds.workflows.connect import connect
    from kgrec_gds.workflows.tune import tune as run

    with connect(env_file=env_file) as connection:
        show(run(connection, **options), as_json, _text)


def _text(result: "Search") -> str:
    settings = "\n".join(f"  {name} = {value}" for name, value in result.best_settings.items())
    default = f" (default settings: {result.default_value:.4f})" if result.default_value is not None else ""
    return (
        f"{result.trials} trials in {result.storage}, {result.pruned} of them stopped early.\n"
        f"Best mean squared error over the folds: {result.best_value:.4f}{default}, with\n{settings}"
    )
