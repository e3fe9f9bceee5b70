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
    help="Folder of IMDb's tables with user_rating.csv.  [default: a small generated data set]",
)
@click.option("--seed", type=int, default=7, show_default=True, help="Seed of the generated data.")
@json_option
def demo(imdb: Path | None, seed: int, as_json: bool) -> None:
    """Run all steps once on a small data set: server, import, embed, train, predict, recommend.

    The demo has a home of its own, never touches your graph, and leaves its server running for Neo4j Browser.
    """
    from kgrec_gds.workflows.demo import demo as run

    show(run(imdb, seed=seed), as_json, _text)


def _text(result: "Demo") -> "Group":
    from rich.console import Group

    from kgrec_gds.cli.options import literal
    from kgrec_gds.cli.recommend import table

    errors = ", ".join(
        f"{model} {by_age['at_once']['mse']:.3f}" for model, by_age in result.metrics.items() if by_age
    )
    lines = [
        "",
        f"Mean squared error on the test ratings: {errors}.",
        f"The graph holds {result.predictions_written:,} predictions.",
        "",
        f"Neo4j Browser: {result.browser}   user {result.username}, password in {result.password_file}",
        "Paste there:",
        *(f"\n// {purpose}\n{query}" for purpose, query in result.queries.items()),
        f"\nStop the server: KGREC_HOME={result.home} kgrec-gds server stop",
    ]
    return Group(table(result.recommendations), literal("\n".join(lines)))
