"""`kgrec-gds embed compare`: all methods on the user's own graph, in one table."""

from pathlib import Path
from typing import Any

import click

from kgrec_gds.cli.options import embedding_method, env_file_option, json_option, picture_file, show
from kgrec_gds.schema import VECTOR_PROPERTIES

_PICTURE = Path("embeddings.png")


@click.command()
@click.option(
    "--methods",
    multiple=True,
    type=embedding_method,
    help="May be repeated.  [default: all]",
)
@click.option(
    "--dimension",
    "embedding_size",
    type=click.IntRange(1),
    default=64,
    show_default=True,
    help="Numbers in a vector.",
)
@click.option("--seed", default=42, show_default=True, help="Of the held-out facts and of every method.")
@click.option(
    "--held-out",
    default=0.05,
    show_default=True,
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Share of facts no method sees.",
)
@click.option(
    "--picture",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=picture_file,
    default=_PICTURE,
    show_default=True,
    help="PNG of the movies in two dimensions, coloured by genre.",
)
@click.option("--no-picture", is_flag=True, help="Make the table only.")
@json_option
@env_file_option
def compare(
    *,
    methods: tuple[str, ...],
    embedding_size: int,
    seed: int,
    held_out: float,
    picture: Path,
    no_picture: bool,
    as_json: bool,
    env_file: Path | None,
) -> None:
    """Train all methods without a share of the facts, and show what each makes of them.

    Nothing is written to the graph. FastRP and node2vec have no vectors of relation types, so their links are scored
    by the inner product of the two nodes; TransE and DistMult score their own way.
    """
    from kgrec_gds.embeddings.comparison import CompareSettings
    from kgrec_gds.embeddings.comparison import compare as run
    from kgrec_gds.progress import Timer
    from kgrec_gds.workflows.connect import connect

    settings = CompareSettings(
        methods=methods or tuple(VECTOR_PROPERTIES),
        held_out_share=held_out,
        seed=seed,
        values={"embedding_size": embedding_size},
    )
    timer = Timer()
    with connect(env_file=env_file) as graph, timer.stage("compare"):
        result = run(graph, settings, None if no_picture else picture)
    show({**vars(result), "seconds": timer.seconds} if as_json else result, as_json, _table)


def _table(result: Any) -> Any:
    from rich.table import Table

    by_product = [line.method for line in result.methods if line.scored_by == "inner product"]
    table = Table(
        title=f"{result.ranked} of {result.held_out} held-out facts ranked (of {result.facts}); "
        "share of a movie's 10 neighbours (cosine) with the same ...",
        caption=(
            f"Links of {' and '.join(by_product)} are scored by the inner product. " if by_product else ""
        )
        + (f"Picture: {result.picture}" if result.picture else ""),
    )
    for column in ("method", "MRR", "Hits@10", "director", "lead", "genre", "seconds", "MiB"):
        table.add_column(column, justify="left" if column == "method" else "right", no_wrap=True)
    for line in result.methods:
        links = [f"{line.links.mrr:.3f}", f"{line.links.hits_at_10:.1%}"]
        cost = [f"{line.seconds:.1f}", f"{line.bytes_min / 2**20:.1f}" if line.bytes_min else "-"]
        table.add_row(f"{line.method} ({line.trainer})", *links, *_shares(line.neighbours), *cost)
    table.add_row("chance", f"{result.chance_mrr:.4f}", "-", *_shares(result.chance), "-", "-")
    return table


def _shares(shared: Any) -> list[str]:
    return [f"{share:.1%}" for share in (shared.director, shared.leading_actor, shared.genre)]
