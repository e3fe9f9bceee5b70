"""`kgrec-gds explain`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kgrec_gds.cli.options import env_file_option, json_option, picture_file, show
from kgrec_gds.cli.predict import model_option
from kgrec_gds.progress import say

if TYPE_CHECKING:
    from kgrec_gds.explanations.explanation import Explanation

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("user")
@click.argument("tconst")
@click.option(
    "--html", type=_FILE, help="Also write a page with the subgraph and the attention to this file."
)
@click.option(
    "--heatmap",
    type=_FILE,
    callback=picture_file,
    help="Also draw the attention of the user's written recommendations to this file (.png, .svg, .pdf).",
)
@click.option("--beside", multiple=True, help="Another user in the heatmap; may be given several times.")
@click.option("--graph-only", is_flag=True, help="Load no model: what predict wrote, without contributions.")
@click.option("--paths", default=10, show_default=True, type=click.IntRange(1), help="Most paths.")
@model_option
@env_file_option
@json_option
def explain(
    user: str,
    html: Path | None,
    heatmap: Path | None,
    beside: tuple[str, ...],
    env_file: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Say why a movie's rating by a user is predicted as it is.

    The past movies that drew attention, the paths from them through the graph, and what averages, history and graph
    are worth. A movie that the user has rated is explained as of just before that rating.
    """
    from kgrec_gds.workflows.connect import connect
    from kgrec_gds.workflows.explain import explain as run

    with connect(env_file=env_file) as graph:
        found = run(graph, user, **options)
        if heatmap is not None:
            from kgrec_gds.explanations.heatmap import attention_heatmap

            attention_heatmap(graph, (user, *beside), heatmap, model_id=found.model_id)
    if html is not None:
        from kgrec_gds.explanations.explanation_page import write_page

        write_page(found, html)
    for written in filter(None, (html, heatmap)):
        say(f"Wrote {written}.")
    show(found.as_json if as_json else found, as_json, _text)


def _text(found: "Explanation") -> str:
    from kgrec_gds.explanations.wording import sentences

    return "\n".join(sentences(found))
