"""`kgrec-gds embed compare`: all methods on the user's own graph, in one table."""

from pathlib import Path

import click

from kgrec_gds.cli.options import embedding_method, env_file_option, json_option, picture_file, show

_PICTURE = Path("embeddings.png")


@click.command(name="compare")
@click.option(
    "--methods", multiple=True, type=embedding_method, help="Method to compare; repeatable.  [default: all]"
)
@click.option(
    "--dimension", type=click.IntRange(1), default=64, show_default=True, help="Length of a vector."
)
@click.option(
    "--seed", default=42, show_default=True, help="Seed of the held-out triples and of every method."
)
@click.option(
    "--held-out",
    default=0.05,
    show_default=True,
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Share of triples that no method is trained on.",
)
@click.option(
    "--picture",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=picture_file,
    default=_PICTURE,
    show_default=True,
    help="File for a picture of the movies in two dimensions, coloured by genre.",
)
@click.option("--no-picture", is_flag=True, help="Make the table only.")
@json_option
@env_file_option
def embed_compare(
    *,
    methods: tuple[str, ...],
    dimension: int,
    seed: int,
    held_out: float,
    picture: Path,
    no_picture: bool,
    as_json: bool,
    env_file: Path | None,
) -> None:
    """Compare the embedding methods on this graph.

    Every method is trained without the held-out triples and then ranks them; nothing is written to the graph.
    TransE and DistMult score links by their own function. FastRP and node2vec have no vectors of relationship
    types, so their links are scored by the inner product of the two nodes.
    """
    from kgrec_gds.cli import embed_text
    from kgrec_gds.workflows.connect import connect
    from kgrec_gds.workflows.embed_compare import embed_compare as run

    with connect(env_file=env_file) as connection:
        result = run(
            connection,
            methods,
            dimension=dimension,
            seed=seed,
            held_out=held_out,
            picture=None if no_picture else picture,
        )
    show(result, as_json, embed_text.comparison)
