"""One embedding run: check, project, compute, write, clean up, record."""

import dataclasses
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

from kgrec_gds.database.connection import Connection
from kgrec_gds.embeddings import gds_methods, kge
from kgrec_gds.embeddings import memory_estimate as memory
from kgrec_gds.embeddings.embedding_settings import EmbedSettings, KgeSettings
from kgrec_gds.embeddings.projection import projected_for, refusals, training_cutoff
from kgrec_gds.progress import Timer, say


@dataclass(frozen=True)
class EmbedResult:
    """What a run did."""

    run_id: str
    """Of the `EmbeddingRun` in the graph."""
    method: str
    trainer: str
    """`gds`, `plugin` or `tensorflow`: who computed."""
    vector_property: str
    embedding_size: int
    seed: int
    cutoff: int | None
    """Ratings strictly before this time (epoch seconds) took part; None: none did."""
    node_count: int
    """Nodes of the projection."""
    relationship_count: int
    """Relationships of the projection; an undirected one counts each twice."""
    node_properties_written: int
    movies_without_fact: int
    """Movies no fact is known of; they have no vector unless they were rated and ratings took part."""
    stale_vectors_removed: int
    """Vectors of an earlier run on nodes that this one does not cover."""
    bytes_min: int
    """Memory that GDS estimated for the projection and the method, at least."""
    project_millis: int
    compute_millis: int
    write_millis: int
    metrics: dict[str, Any]
    parameters: dict[str, Any]
    versions: dict[str, str]
    seconds: dict[str, float]
    """By step."""


def embed(graph: Connection, settings: EmbedSettings) -> EmbedResult:
    """Make the vectors of one method and write them to the nodes.

    Running it again overwrites the vectors; nodes that are no longer covered lose theirs. The projection is
    dropped whatever happens.

    Raises:
        EmbeddingError: nothing to embed, not enough memory, or the database refused the settings.
    """
    timer = Timer()
    with timer.stage("estimate"):
        bytes_projection = memory.check_projection(graph, with_ratings=settings.with_ratings)
        cutoff = training_cutoff(graph) if settings.with_ratings else None
    run_id = f"{settings.method}-{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:6]}"
    versions = _versions(graph)
    if cutoff is not None:
        # Before the first vector is written: broken off, none of them passes for one without ratings.
        _record(graph, run_id, settings, cutoff, versions, metrics={})
    say(f"{settings.method}: projecting facts{' and ratings' if cutoff else ''} ...")
    with timer.stage("compute"), projected_for(graph, settings, cutoff=cutoff) as projection:
        write = kge.write if isinstance(settings, KgeSettings) else gds_methods.write
        written = write(graph, projection, settings)
    with timer.stage("record"), refusals("Recording the run"):
        removed = graph.run_alone(
            "embeddings/stale_vectors", property=settings.vector_property, cutoff=cutoff
        )
        run = EmbedResult(
            run_id=run_id,
            method=settings.method,
            trainer=written.trainer,
            vector_property=settings.vector_property,
            embedding_size=settings.embedding_size,
            seed=settings.seed,
            cutoff=cutoff,
            node_count=projection.node_count,
            relationship_count=projection.relationship_count,
            node_properties_written=written.node_properties_written,
            movies_without_fact=graph.one("embeddings/movies_without_fact")["movies"],
            stale_vectors_removed=removed[0]["removed"],
            bytes_min=bytes_projection + written.bytes_min,
            project_millis=projection.project_millis,
            compute_millis=written.compute_millis,
            write_millis=written.write_millis,
            metrics=written.metrics,
            parameters=dataclasses.asdict(settings),
            versions=versions,
            seconds=timer.seconds,
        )
        _record(graph, run_id, settings, cutoff, versions, metrics=run.metrics)
    return run


def _versions(graph: Connection) -> dict[str, str]:
    names = ("kgrec-gds", "graphdatascience")
    return graph.one("embeddings/versions") | {name: metadata.version(name) for name in names}


def _record(
    graph: Connection,
    run_id: str,
    settings: EmbedSettings,
    cutoff: int | None,
    versions: dict[str, str],
    *,
    metrics: dict[str, Any],
) -> None:
    graph.run(
        "embeddings/record_run",
        id=run_id,
        method=settings.method,
        parameters=json.dumps(dataclasses.asdict(settings)),
        seed=settings.seed,
        cutoff=cutoff,
        metrics=json.dumps(metrics),
        versions=json.dumps(versions),
    )
