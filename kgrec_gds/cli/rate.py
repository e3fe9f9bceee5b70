"""`kgrec-gds rate`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kgrec_gds.cli.options import env_file_option, json_option, show

if TYPE_CHECKING:
    from kgrec_gds.workflows.rate import Rated


@click.command()
@click.argument("user")
@click.argument("movie")
@click.argument("rating", type=float)
@env_file_option
@json_option
def rate(user: str, movie: str, rating: float, env_file: Path | None, as_json: bool) -> None:
    """Add or change a user's rating of a movie, a tconst or a title. The next `recommend` uses it, without training."""
    from kgrec_gds.workflows.connect import connect
    from kgrec_gds.workflows.rate import rate as run

    with connect(env_file=env_file) as connection:
        show(run(connection, user, movie, rating), as_json, _text)


def _text(result: "Rated") -> str:
    before = f" (was {result.before:g})" if result.before is not None else ""
    return f"User {result.user} rated {result.title or result.tconst} {result.rating:g}{before}."
