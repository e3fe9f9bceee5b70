"""`kgrec-gds rate`."""

from pathlib import Path

import click

from kgrec_gds.cli.options import env_file_option, json_option, show
from kgrec_gds.progress import Timer


@click.command()
@click.argument("user")
@click.argument("tconst")
@click.argument("rating", type=float)
@env_file_option
@json_option
def rate(user: str, tconst: str, rating: float, env_file: Path | None, as_json: bool) -> None:
    """Add a user's rating of a movie, or change it; the next `recommend` uses it, without training."""
    from kgrec_gds.serving.rating import rate as run
    from kgrec_gds.workflows.connect import connect

    timer = Timer()
    with connect(env_file=env_file) as graph, timer.stage("write"):
        result = run(graph, user, tconst, rating)
    before = f" (was {result.before:g})" if result.before is not None else ""
    said = f"User {result.user} rated {result.title} {result.rating:g}{before}."
    show(result, as_json, lambda _: said, timer.seconds)
