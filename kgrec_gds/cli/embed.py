"""`kgrec-gds embed`: knowledge-graph vectors, made in the database and written to its nodes."""

from pathlib import Path
from typing import Any

import click

from kgrec_gds.cli.options import env_file_option, json_option, show
from kgrec_gds.embed.settings import PREFERENCE, PREFERRED, parse_settings, settings_for


@click.group(invoke_without_command=True)
@click.option("--method", type=click.Choice(PREFERENCE), help=f"Default: what `train` prefers, {PREFERRED}.")
@click.option("--dimension", "embedding_size", type=int, help="Numbers in a vector.  [default: 64]")
@click.option("--seed", type=int, help="Of the method's random numbers.  [default: 42]")
@click.option(
    "--concurrency", type=int, help="Threads in the database; node2vec is reproducible only with 1."
)
@click.option(
    "--with-ratings", is_flag=True, default=None, help="Add users and ratings before the training cut-off."
)
@click.option(
    "--stable",
    is_flag=True,
    default=None,
    help="FastRP that does not depend on node ids: same after a re-import.",
)
@click.option(
    "--set",
    "pairs",
    multiple=True,
    metavar="NAME=VALUE",
    help="Any other setting of the method, such as walk_length=40.",
)
@json_option
@env_file_option
@click.pass_context
def embed(
    context: click.Context,
    /,
    method: str | None,
    pairs: tuple[str, ...],
    as_json: bool,
    env_file: Path | None,
    **values: Any,
) -> None:
    """Make knowledge-graph vectors and write them to the nodes.

    FastRP and node2vec are computed by the Graph Data Science library from movies, persons, genres and the facts
    between them, TransE and DistMult by this project's plugin. A movie without any fact gets no vector.
    """
    if context.invoked_subcommand is not None:
        return
    settings = settings_for(method or PREFERRED, **values, **parse_settings(pairs))
    from kgrec_gds.embed.run import embed as run
    from kgrec_gds.graph import connect

    with connect(env_file) as graph:
        show(run(graph, settings), as_json, _text)


def _text(result: Any) -> str:
    made = (
        f"{result.method}: {result.node_properties_written} nodes have a vector of {result.embedding_size} numbers "
        f"in `{result.vector_property}` (computed by {result.trainer} in {result.compute_millis / 1000:.1f} s)."
    )
    left = f"{result.movies_without_fact} movies are without a fact; {result.stale_vectors_removed} stale vectors removed."
    lines = [made, left]
    lines += [f"{name}: {value:.4g}" for name, value in result.metrics.items() if isinstance(value, float)]
    return "\n".join([*lines, f"Recorded as EmbeddingRun {result.run_id}."])
