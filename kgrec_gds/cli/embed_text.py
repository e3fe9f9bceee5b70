"""What a person reads after `kgrec-gds embed`."""

from typing import Any


def vectors(result: Any) -> str:
    """A few lines on an `EmbedResult`."""
    made = (
        f"{result.method}: {result.node_properties_written} nodes have a vector of {result.embedding_size} numbers "
        f"in `{result.vector_property}` (computed by {result.trainer} in {result.compute_millis / 1000:.1f} s)."
    )
    left = f"{result.movies_without_fact} movies are without a fact; {result.stale_vectors_removed} stale vectors removed."
    metrics = [f"{name}: {value:.4g}" for name, value in result.metrics.items() if isinstance(value, float)]
    return "\n".join([made, left, *metrics, f"Recorded as EmbeddingRun {result.run_id}."])


def links(result: Any) -> Any:
    """A table of the missing links of each type."""
    from rich.table import Table

    table = Table(title=f"Missing links by {result.method} ({result.score})")
    for column in ("type", "from", "to", "score"):
        table.add_column(column, justify="right" if column == "score" else "left")
    for relation in result.relations:
        for link in relation.links:
            ends = (link.source_name or link.source, link.target_name or link.target)
            table.add_row(relation.relation, *ends, f"{link.score:.3f}")
        table.add_section()
    return table
