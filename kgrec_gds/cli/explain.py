"""`kgrec-gds explain`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kgrec_gds.cli.options import env_file_option, json_option, picture_file, show
from kgrec_gds.cli.predict import model_option

if TYPE_CHECKING:
    from kgrec_gds.explanations.explanation import Explanation

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("user")
@click.argument("movie")
@click.option("--html", type=_FILE, help="Also write a page with subgraph and attention to this file.")
@click.option(
    "--heatmap",
    type=_FILE,
    callback=picture_file,
    help="Also draw the attention of the user's written recommendations to this file (.png, .svg, .pdf).",
)
@click.option("--beside", multiple=True, help="Add another user to the heatmap; can be repeated.")
@click.option(
    "--graph-only", is_flag=True, help="Load no model: explain what predict wrote, without contributions."
)
@click.option(
    "--contributions",
    is_flag=True,
    help="Also load the model where the database answers, and show what averages, history and graph contribute.",
)
@click.option(
    "--paths", default=10, show_default=True, type=click.IntRange(1), help="Number of paths at most."
)
@model_option
@env_file_option
@json_option
def explain(user: str, movie: str, env_file: Path | None, as_json: bool, **options: Any) -> None:
    """Explain why a rating is predicted as it is.

    Shows the past movies with the most attention, the paths from them through the graph, and the parts of the ranking
    score with the ratings that it rests on, or what averages, history and graph contribute to the rating. A movie that the user has rated is explained as of just before that rating.
    MOVIE is a tconst or a title.
    """
    from kgrec_gds.progress import say
    from kgrec_gds.workflows.connect import connect
    from kgrec_gds.workflows.explain import explain as run

    with connect(env_file=env_file) as connection:
        found = run(connection, user, movie, **options)
    for written in filter(None, (options["html"], options["heatmap"])):
        say(f"Wrote {written}.")
    show(found, as_json, _text)


def _text(found: "Explanation") -> str:
    from kgrec_gds.explanations.wording import sentences

    return "\n".join(sentences(found))
