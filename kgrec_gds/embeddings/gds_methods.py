"""FastRP and node2vec by the Graph Data Science library."""

from dataclasses import dataclass
from typing import Any

from kgrec_gds.database.connection import Connection
from kgrec_gds.embeddings import job_progress as progress
from kgrec_gds.embeddings import memory_estimate as memory
from kgrec_gds.embeddings.embedding_settings import EmbedSettings, FastRPSettings, Node2VecSettings
from kgrec_gds.embeddings.projection import Projection, refusals
from kgrec_gds.errors import EmbeddingError


@dataclass(frozen=True)
class Written:
    """What a method wrote to the nodes, and what it took."""

    trainer: str
    """`gds`, `plugin` or `tensorflow`: who computed."""
    node_properties_written: int
    compute_millis: int
    write_millis: int
    bytes_min: int
    metrics: dict[str, Any]


def endpoint(graph: Connection, settings: EmbedSettings) -> Any:
    """The GDS client's endpoints of the method."""
    return graph.gds.fast_rp if isinstance(settings, FastRPSettings) else graph.gds.node2vec


def options(settings: EmbedSettings) -> dict[str, Any]:
    """The method's configuration, as the GDS client names it."""
    common = {
        "embedding_dimension": settings.embedding_size,
        "concurrency": settings.concurrency,
        "random_seed": settings.seed,
        "relationship_weight_property": "weight" if settings.with_ratings else None,
    }
    if isinstance(settings, FastRPSettings):
        stable = {"property_ratio": 1.0, "feature_properties": ["feature"]} if settings.stable else {}
        return (
            common
            | stable
            | {
                "iteration_weights": list(settings.iteration_weights),
                "normalization_strength": settings.normalization_strength,
                "node_self_influence": settings.node_self_influence,
            }
        )
    if isinstance(settings, Node2VecSettings):
        return common | {
            "iterations": settings.iterations,
            "walk_length": settings.walk_length,
            "walks_per_node": settings.walks_per_node,
            "window_size": settings.window_size,
            "in_out_factor": settings.in_out_factor,
            "return_factor": settings.return_factor,
        }
    raise EmbeddingError(f"GDS should be asked for fastrp or node2vec; received {settings.method!r}.")


def estimate(graph: Connection, projection: Projection, settings: EmbedSettings) -> int:
    """Bytes the method needs at least, checked against the heap.

    Raises:
        EmbeddingError: it cannot fit.
    """
    with refusals(f"The memory estimate of {settings.method}"):
        estimated = endpoint(graph, settings).estimate(projection.graph, **options(settings))
    return memory.fits(estimated, settings.method)


def write(graph: Connection, projection: Projection, settings: EmbedSettings) -> Written:
    """Compute the vectors and write them to the nodes.

    Raises:
        EmbeddingError: it does not fit, or GDS refused.
    """
    bytes_min = estimate(graph, projection, settings)
    with refusals(settings.method), progress.shown(graph, settings.method) as job:
        result = endpoint(graph, settings).write(
            projection.graph, write_property=settings.vector_property, job_id=job, **options(settings)
        )
    losses = {"loss_per_iteration": list(result.loss_per_iteration)} if settings.method == "node2vec" else {}
    return Written(
        "gds", result.node_properties_written, result.compute_millis, result.write_millis, bytes_min, losses
    )
