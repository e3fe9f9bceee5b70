"""`kgrec-gds find`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kgrec_gds.cli.options import env_file_option, json_option, literal, show

if TYPE_CHECKING:
    from rich.table import Table

    from kgrec_gds.workflows.find import Found


@click.command()
@click.argument("text")
@click.option(
    "--limit", default=10, show_default=True, type=click.IntRange(1), help="Number of movies at most."
)
@env_file_option
@json_option
def find(text: str, limit: int, env_file: Path | None, as_json: bool) -> None:
    """Find a movie by its title.

    Case, accents and punctuation do not matter, and a word may be its beginning; a year may stand after the title. Exact
    titles come first, then the most rated movies. Near spellings are shown where nothing else fits.
    """
    from kgrec_gds.serving.find_movie import unknown_movie
    from kgrec_gds.workflows.connect import connect
    from kgrec_gds.workflows.find import find as run

    with connect(env_file=env_file) as connection:
        found = run(connection, text, limit=limit)
    if not found.movies:
        raise unknown_movie(text)
    show(found, as_json, _table)


def _table(result: "Found") -> "Table":
    from rich.table import Table

    more = f"{result.more} more; --limit shows them." if result.more else None
    table = Table(caption=more, caption_justify="left")
    for column in ("tconst", "title", "year", "ratings"):
        table.add_column(column, justify="right" if column == "ratings" else "left")
    for movie in result.movies:
        cells = (movie.tconst, movie.title, movie.year, f"{movie.ratings:,}")
        table.add_row(*(literal(cell) for cell in cells))
    return table
