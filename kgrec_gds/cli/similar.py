"""`kgrec-gds similar`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kgrec_gds.cli.options import embedding_method, env_file_option, json_option, show
from kgrec_gds.progress import Timer

if TYPE_CHECKING:
    from rich.table import Table

    from kgrec_gds.serving.similar_movies import Similar


@click.command()
@click.argument("tconst")
@click.option("-k", default=10, show_default=True, type=click.IntRange(1), help="How many movies.")
@click.option(
    "--method",
    type=embedding_method,
    help="Whose vectors. [default: the preferred present]",
)
@env_file_option
@json_option
def similar(tconst: str, k: int, method: str | None, env_file: Path | None, as_json: bool) -> None:
    """Show the movies nearest to one by their knowledge-graph vectors."""
    from kgrec_gds.serving.similar_movies import similar as run
    from kgrec_gds.workflows.connect import connect

    timer = Timer()
    with connect(env_file=env_file) as graph, timer.stage("read"):
        result = run(graph, tconst, method=method, k=k)
    show(result, as_json, _table, timer.seconds)


def _table(result: "Similar") -> "Table":
    from rich.table import Table

    table = Table(title=f"Near to {result.title} by {result.method}", title_justify="left")
    for column in ("tconst", "title", "year", "score", "in common"):
        table.add_column(column)
    for movie in result.movies:
        common = ", ".join([*movie.shared_people[:3], *movie.shared_genres[:3]])
        table.add_row(movie.tconst, movie.title, str(movie.year or ""), f"{movie.score:.3f}", common)
    return table
