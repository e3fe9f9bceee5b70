"""`kgrec-gds embed`: compute knowledge-graph vectors in the database and write them to its nodes."""

from pathlib import Path
from typing import Any

import click

from kgrec_gds.cli.group import LazyGroup
from kgrec_gds.cli.options import embedding_method, env_file_option, json_option, show
from kgrec_gds.embeddings.methods import PREFERRED
from kgrec_gds.schema import FACT_TYPES

_COMPARE = {"compare": "kgrec_gds.cli.embed_compare:embed_compare"}


@click.group(cls=LazyGroup, commands_by_path=_COMPARE, invoke_without_command=True)
@click.option("--method", type=embedding_method, help=f"Method of the vectors.  [default: {PREFERRED}]")
@click.option("--dimension", type=click.IntRange(1), help="Length of a vector.  [default: 64]")
@click.option("--seed", type=int, help="Seed of the method's random numbers.  [default: 42]")
@click.option("--concurrency", type=click.IntRange(1), help="Threads in the database.  [default: 4]")
@click.option(
    "--with-ratings",
    is_flag=True,
    help="Add users and their ratings before the training cut-off (FastRP and node2vec).",
)
@click.option("--stable", is_flag=True, help="Give the same vectors after a new import (FastRP).")
@click.option(
    "--set",
    "pairs",
    multiple=True,
    metavar="NAME=VALUE",
    help="Change another setting, such as walk_length=40; repeatable.",
)
@click.option(
    "--predict-links",
    "relation",
    type=click.Choice((*FACT_TYPES, "all")),
    is_flag=False,
    flag_value="all",
    help="Score missing links with the TransE or DistMult vectors in the graph, instead of computing vectors.",
)
@click.option(
    "--limit",
    default=20,
    show_default=True,
    type=click.IntRange(1),
    help="With --predict-links: links to show of each type.",
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
    **options: Any,
) -> None:
    """Compute knowledge-graph vectors and write them to the nodes.

    All methods learn from movies, persons, genres and the relationships between them; a movie without any gets no
    vector. FastRP and node2vec are computed by the Graph Data Science library. TransE and DistMult are trained in
    the database by this project's plugin, or by TensorFlow if the server does not have it; for the same vectors
    in every run, use --concurrency 1.
    """
    if context.invoked_subcommand is not None:
        return
    from kgrec_gds.embeddings.embedding_settings import parse_settings, settings_for

    # A flag that is off keeps the method's default, like an option that is not given.
    settings = {
        name: value for name, value in options.items() if value is not None and value is not False
    } | parse_settings(pairs)
    settings_for(method, **settings)  # refuses invalid settings before a server is started
    from kgrec_gds.cli import embed_text
    from kgrec_gds.workflows import embed as workflow
    from kgrec_gds.workflows.connect import connect

    with connect(env_file=env_file) as connection:
        if relation is not None:
            relations = FACT_TYPES if relation == "all" else (relation,)
            found = workflow.predict_links(connection, method, relations, limit=limit)
            show(found, as_json, embed_text.links)
        else:
            show(workflow.embed(connection, method, **settings), as_json, embed_text.vectors)
