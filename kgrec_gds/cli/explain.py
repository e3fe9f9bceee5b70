"""`kgrec-gds explain`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kgrec_gds.cli.options import env_file_option, json_option, show
from kgrec_gds.cli.predict import model_option

if TYPE_CHECKING:
    from kgrec_gds.explain.result import Explanation

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("user")
@click.argument("tconst")
@click.option("--html", type=_FILE, help="Also write a page with the subgraph and the attention to this file.")
@click.option("--graph-only", is_flag=True, help="Load no model: what predict wrote, without contributions.")
@click.option("--paths", default=10, show_default=True, type=click.IntRange(1), help="Most paths.")
@model_option
@env_file_option
@json_option
def explain(
    user: str,
    tconst: str,
    html: Path | None,
    graph_only: bool,
    paths: int,
    model_id: str | None,
    env_file: Path | None,
    as_json: bool,
) -> None:
    """Say why a movie's rating by a user is predicted as it is.

    The past movies that drew attention, the paths from them through the graph, and what averages, history and graph
    are worth. A movie that the user has rated is explained as of just before that rating.
    """
    from kgrec_gds.explain.run import explain as run
    from kgrec_gds.graph import connect

    with connect(env_file) as graph:
        found = run(graph, user, tconst, model_id=model_id, graph_only=graph_only, paths=paths)
    if html is not None:
        from kgrec_gds.explain.page import write_page
        from kgrec_gds.progress import say

        write_page(found, html)
        say(f"Wrote {html}.")
    show(found.as_json if as_json else found, as_json, _text)


def _text(found: "Explanation") -> str:
    from kgrec_gds.explain.words import sentences

    return "\n".join(sentences(found))
