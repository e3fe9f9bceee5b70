"""`kgrec-gds demo`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kgrec_gds.cli.options import json_option, show

if TYPE_CHECKING:
    from rich.console import Group

    from kgrec_gds.workflows.demo import Demo


@click.command()
@click.option(
    "--imdb",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of IMDb's tables with user_rating.csv. [default: a small generated data set]",
)
@click.option("--seed", type=int, default=7, show_default=True, help="Of the generated data.")
@json_option
def demo(imdb: Path | None, seed: int, as_json: bool) -> None:
    """Walk the whole way of the data once: server, import, embed, train, predict, recommend.

    It uses a home of its own, never your graph, and leaves its server running for Neo4j Browser.
    """
    from kgrec_gds.workflows.demo import demo as run

    show(run(imdb, seed=seed), as_json, _text)


def _text(done: "Demo") -> "Group":
    from rich.console import Group
    from rich.text import Text

    from kgrec_gds.cli.recommend import table

    metrics = ", ".join(f"{name} {errors['mse']:.3f}" for name, errors in done.metrics.items())
    lines = [
        "",
        f"Mean squared error on the test ratings: {metrics}.",
        f"{done.predictions_written:,} predictions with their attention are in the graph.",
        "",
        f"Neo4j Browser: {done.browser}   user {done.username}, password in {done.password_file}",
        "Paste there:",
        *(f"\n// {purpose}\n{query}" for purpose, query in done.queries.items()),
        f"\nTo end: KGREC_HOME={done.home} kgrec-gds server stop",
    ]
    return Group(table(done.recommendations), Text("\n".join(lines)))
