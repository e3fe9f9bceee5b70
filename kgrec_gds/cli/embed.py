"""`kgrec-gds embed`: knowledge-graph vectors, made in the database and written to its nodes."""

from pathlib import Path
from typing import Any

import click

from kgrec_gds.cli.group import LazyGroup
from kgrec_gds.cli.options import embedding_method, env_file_option, json_option, show
from kgrec_gds.embeddings.embedding_settings import PREFERRED, parse_settings, settings_for
from kgrec_gds.schema import FACT_TYPES

_COMPARE = {"compare": "kgrec_gds.cli.embed_compare:compare"}


@click.group(cls=LazyGroup, commands_by_path=_COMPARE, invoke_without_command=True)
@click.option(
    "--method",
    type=embedding_method,
    help=f"Default: what `train` prefers, {PREFERRED}.",
)
@click.option("--dimension", "embedding_size", type=int, help="Numbers in a vector.  [default: 64]")
@click.option("--seed", type=int, help="Of the method's random numbers.  [default: 42]")
@click.option("--concurrency", type=int, help="Threads in the database.  [default: 4]")
@click.option(
    "--with-ratings",
    is_flag=True,
    help="FastRP or node2vec: add users and ratings before the training cut-off.",
)
@click.option("--stable", is_flag=True, help="FastRP that is the same after a re-import of the same data.")
@click.option(
    "--set", "pairs", multiple=True, metavar="NAME=VALUE", help="Another setting, such as walk_length=40."
)
@click.option(
    "--predict-links",
    "relation",
    type=click.Choice((*FACT_TYPES, "all")),
    is_flag=False,
    flag_value="all",
    help="Score missing links with the TransE or DistMult vectors that are there, instead of making vectors.",
)
@click.option(
    "--limit", default=20, show_default=True, type=click.IntRange(1), help="Links of a type to show."
)
@json_option
@env_file_option
@click.pass_context
def embed(
    context: click.Context,
    /,
    *,
    method: str | None,
    pairs: tuple[str, ...],
    relation: str | None,
    limit: int,
    as_json: bool,
    env_file: Path | None,
    **values: Any,
) -> None:
    """Make knowledge-graph vectors and write them to the nodes.

    All methods learn from movies, persons, genres and the facts between them; a movie without any fact gets no
    vector. TransE and DistMult are trained by this project's plugin, or here where the server has none, and give the
    same vectors twice with --concurrency 1. FastRP and node2vec are computed by the Graph Data Science library.
    """
    if context.invoked_subcommand is not None:
        return
    # An option that was not given leaves the method's own default alone.
    given = {name: value for name, value in values.items() if value is not None and value is not False}
    settings = settings_for(method, **{**given, **parse_settings(pairs)})
    from kgrec_gds.cli import embed_text
    from kgrec_gds.embeddings.link_prediction import predict_all
    from kgrec_gds.workflows.connect import connect
    from kgrec_gds.workflows.embed import embed as run

    with connect(env_file=env_file) as graph:
        if relation is not None:
            types = FACT_TYPES if relation == "all" else (relation,)
            show(predict_all(graph, method, types, limit=limit), as_json, embed_text.links)
        else:
            show(run(graph, settings), as_json, embed_text.vectors)
