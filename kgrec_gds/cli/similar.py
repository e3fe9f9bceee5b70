"""`kgrec-gds similar`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kgrec_gds.cli.options import embedding_method, env_file_option, json_option, literal, show

if TYPE_CHECKING:
    from rich.table import Table

    from kgrec_gds.workflows.similar import Similar


@click.command()
@click.argument("movie")
@click.option("-k", default=10, show_default=True, type=click.IntRange(1), help="Number of movies.")
@click.option(
    "--method", type=embedding_method, help="Method of the vectors. [default: the preferred one present]"
)
@env_file_option
@json_option
def similar(movie: str, env_file: Path | None, as_json: bool, **options: Any) -> None:
    """Show the movies nearest to a movie, a tconst or a title, by their knowledge-graph vectors."""
    from kgrec_gds.workflows.connect import connect
    from kgrec_gds.workflows.similar import similar as run

    with connect(env_file=env_file) as connection:
        show(run(connection, movie, **options), as_json, _table)


def _table(result: "Similar") -> "Table":
    from rich.table import Table

    title = literal(f"Nearest to {result.title or result.tconst} by {result.method}")
    table = Table(title=title, title_justify="left")
    for column in ("tconst", "title", "year", "score", "in common"):
        table.add_column(column)
    for movie in result.movies:
        common = ", ".join([*movie.shared_people[:3], *movie.shared_genres[:3]])
        cells = (movie.tconst, movie.title or "", movie.year or "", f"{movie.score:.3f}", common)
        table.add_row(*(literal(cell) for cell in cells))
    return table
