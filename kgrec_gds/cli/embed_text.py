"""Text and tables that `kgrec-gds embed` and `embed compare` print."""

from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from kgrec_gds.embeddings.neighbours import SharedAttributes
    from kgrec_gds.workflows.embed import EmbedResult, PredictedLinks
    from kgrec_gds.workflows.embed_compare import Comparison


def vectors(result: "EmbedResult") -> str:
    """A few lines about the vectors written."""
    written = (
        f"{result.method}: wrote vectors of dimension {result.dimension} to {result.node_properties_written:,} nodes "
        f"as `{result.vector_property}` (computed by {result.trainer} in {result.compute_millis / 1000:.1f} s)."
    )
    without = (
        f"{result.movies_without_relationships:,} movies have no persons and genres; "
        f"{result.stale_vectors_removed:,} stale vectors were removed."
    )
    numbers = {name: value for name, value in result.metrics.items() if isinstance(value, float)}
    metrics = [f"{name}: {value:{',.0f' if value >= 1000 else '.4g'}}" for name, value in numbers.items()]
    return "\n".join([written, without, *metrics, f"Recorded as EmbeddingRun {result.run_id}."])


def links(result: "PredictedLinks") -> Table:
    """A table of the missing links of each type."""
    table = Table(title=f"Missing links by {result.method} ({result.score})")
    for column in ("type", "from", "to", "score"):
        table.add_column(column, justify="right" if column == "score" else "left")
    for relation in result.relations:
        for link in relation.links:
            ends = (link.source_name or link.source, link.target_name or link.target)
            table.add_row(relation.relation, *ends, f"{link.score:.3f}")
        table.add_section()
    return table


def comparison(result: "Comparison") -> Table:
    """A table with a row for each method, and one by chance."""
    by_product = [row.method for row in result.methods if row.scored_by == "inner product"]
    table = Table(
        title=f"{result.ranked} of {result.held_out} held-out triples ranked (of {result.triples}); "
        "share of a movie's 10 nearest neighbours (cosine) with the same director, leading actor or genre",
        caption=(f"Links of {' and '.join(by_product)} are scored by inner product. " if by_product else "")
        + (f"Picture: {result.picture}" if result.picture else ""),
    )
    for column in ("method", "MRR", "Hits@10", "director", "actor", "genre", "seconds", "MiB"):
        table.add_column(column, justify="left" if column == "method" else "right", no_wrap=True)
    for row in result.methods:
        scores = [f"{row.links.mrr:.3f}", f"{row.links.hits_at_10:.1%}"]
        cost = [f"{row.seconds:.1f}", f"{row.bytes_min / 2**20:.1f}" if row.bytes_min else "-"]
        table.add_row(f"{row.method} ({row.trainer})", *scores, *_shares(row.neighbours), *cost)
    table.add_row("chance", f"{result.chance_mrr:.4f}", "-", *_shares(result.chance), "-", "-")
    return table


def _shares(shares: "SharedAttributes") -> list[str]:
    return [f"{share:.1%}" for share in (shares.director, shares.leading_actor, shares.genre)]
