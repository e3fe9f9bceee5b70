"""Memory estimates, asked before anything is computed."""

from typing import Any

from kgrec_gds import schema
from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import EmbeddingError


def check_projection(graph: Connection, *, with_ratings: bool) -> int:
    """Estimate the projection and hold it against the server's heap.

    Returns:
        Bytes that the projection needs at least.

    Raises:
        EmbeddingError: it cannot fit, or there is nothing to project.
    """
    counts = graph.one("embeddings/counts")
    if counts["facts"] == 0:
        raise EmbeddingError(
            "There should be facts to embed (ACTED_IN, DIRECTED, WROTE, HAS_GENRE), but the graph has none. "
            "Run `kgrec-gds import` first."
        )
    existing = {row["name"] for row in graph.run("embeddings/names")}
    labels = [*schema.FACT_LABELS, *([schema.USER] if with_ratings else [])]
    types = [*schema.FACT_TYPES, *([schema.RATED] if with_ratings else [])]
    # GDS refuses names that the database has never seen.
    estimate = graph.gds.graph.project.estimate(
        [label for label in labels if label in existing], [type_ for type_ in types if type_ in existing]
    )
    return fits(estimate, "The projection")


def fits(estimate: Any, what: str) -> int:
    """Hold an estimate of GDS against the server's heap and return its `bytes_min`.

    Raises:
        EmbeddingError: even the lower estimate is more than the whole heap.
    """
    if estimate.heap_percentage_min > 100:
        raise EmbeddingError(
            f"{what} should fit into the server's heap, but needs {estimate.required_memory}, which is "
            f"{estimate.heap_percentage_min:.0f} % of it. Give the server more heap, or choose a smaller --dimension."
        )
    minimum: int = estimate.bytes_min
    return minimum
