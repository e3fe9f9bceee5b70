"""The command `embed`: compute the vectors of one method and write them; predict missing links by them."""

import json
import uuid
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

from kgrec_gds.database.connection import Connection
from kgrec_gds.embeddings import gds_methods, kge
from kgrec_gds.embeddings.embedding_settings import EmbedSettings, GdsSettings, KgeSettings, settings_for
from kgrec_gds.embeddings.link_prediction import MissingLinks, missing_links, relation_vectors
from kgrec_gds.embeddings.node_vectors import VectorsWritten
from kgrec_gds.embeddings.projection import (
    Projection,
    estimate_projection,
    projected_for,
    refusals,
    training_cutoff,
)
from kgrec_gds.errors import TooLittleHeapError
from kgrec_gds.progress import Timer, say
from kgrec_gds.schema import FACT_TYPES
from kgrec_gds.server.more_heap import with_more_heap


@dataclass(frozen=True)
class EmbedResult:
    """What a run computed and wrote."""

    run_id: str
    """Id of the `EmbeddingRun` in the graph."""
    method: str
    trainer: str
    """`gds`, `plugin` or `tensorflow`."""
    vector_property: str
    dimension: int
    seed: int
    cutoff: int | None
    """Ratings strictly before this time (epoch seconds) were projected; None: no ratings."""
    node_count: int
    """Nodes of the projection."""
    relationship_count: int
    """Relationships of the projection; an undirected one counts twice."""
    node_properties_written: int
    movies_without_relationships: int
    """Movies without persons and genres, which have no vector unless they have projected ratings."""
    stale_vectors_removed: int
    """Vectors of an earlier run on nodes that this run does not cover."""
    bytes_min: int
    """Memory that GDS estimated for the projection and the method, at least."""
    project_millis: int
    compute_millis: int
    write_millis: int
    metrics: dict[str, Any]
    parameters: dict[str, Any]
    versions: dict[str, str]
    seconds: dict[str, float]
    """Duration by stage."""


@dataclass(frozen=True)
class PredictedLinks:
    """The likeliest missing links of several relationship types."""

    method: str
    score: str
    """Meaning of the score."""
    embedding_run: str | None
    """Id of the run that made the vectors."""
    relations: list[MissingLinks]
    seconds: dict[str, float]
    """Duration by relationship type."""


def embed(connection: Connection, method: str | None = None, **settings: Any) -> EmbedResult:
    """Compute the vectors of one method and write them to the nodes.

    A later run of the method overwrites the vectors; nodes that it does not cover lose theirs. The projection is
    dropped even after a failure.

    Args:
        connection: the database.
        method: a name in `METHODS`; default: the preferred method.
        settings: settings of the method, such as `dimension`, `seed`, `with_ratings` or `walk_length`.

    Raises:
        EmbeddingError: nothing to embed, not enough memory, or invalid settings.
    """
    chosen = settings_for(method, **settings)
    timer = Timer()
    run_id = f"{chosen.method}-{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:6]}"
    while True:
        try:
            made = _make(connection, chosen, run_id, timer)
            break
        except TooLittleHeapError as refused:
            # Each time the heap grows by what is missing, up to the most that the machine gives.
            with_more_heap(connection, refused)
    projection, written, cutoff = made.projection, made.written, made.cutoff
    versions = _versions(connection)
    with timer.stage("record"), refusals("Recording the run"):
        removed = connection.run_alone(
            "embeddings/stale_vectors", property=chosen.vector_property, cutoff=cutoff
        )
        without = connection.one("embeddings/movies_without_relationships")["movies"]
        _record(connection, run_id, chosen, cutoff, versions, metrics=written.metrics)
    return EmbedResult(
        run_id=run_id,
        method=chosen.method,
        trainer=written.trainer,
        vector_property=chosen.vector_property,
        dimension=chosen.dimension,
        seed=chosen.seed,
        cutoff=cutoff,
        node_count=projection.node_count,
        relationship_count=projection.relationship_count,
        node_properties_written=written.node_properties_written,
        movies_without_relationships=without,
        stale_vectors_removed=removed[0]["removed"],
        bytes_min=made.bytes_projection + written.bytes_min,
        project_millis=projection.project_millis,
        compute_millis=written.compute_millis,
        write_millis=written.write_millis,
        metrics=written.metrics,
        parameters=chosen.parameters,
        versions=versions,
        seconds=timer.seconds,
    )


@dataclass(frozen=True)
class _Made:
    """Vectors that were computed and written, and what they were made of."""

    projection: Projection
    written: VectorsWritten
    cutoff: int | None
    bytes_projection: int


def _make(connection: Connection, chosen: EmbedSettings, run_id: str, timer: Timer) -> _Made:
    """Project, compute and write.

    Raises:
        TooLittleHeapError: the server has too little heap; nothing was written.
    """
    with timer.stage("estimate"):
        bytes_projection = estimate_projection(connection, with_ratings=chosen.with_ratings)
        cutoff = training_cutoff(connection) if chosen.with_ratings else None
    if cutoff is not None:
        # Recorded before the first vector is written, so that an interrupted run does not pass for one without ratings.
        _record(connection, run_id, chosen, cutoff, _versions(connection), metrics={})
    with ExitStack() as stack:
        with timer.stage("project"):
            say(f"{chosen.method}: projecting the knowledge graph{' and ratings' if cutoff else ''} ...")
            projection = stack.enter_context(projected_for(connection, chosen, cutoff=cutoff))
        with timer.stage("compute"):
            written = _compute(connection, projection, chosen)
    return _Made(projection, written, cutoff, bytes_projection)


def predict_links(
    connection: Connection,
    method: str | None = None,
    relations: Sequence[str] = FACT_TYPES,
    *,
    limit: int = 20,
    per_source: int = 3,
) -> PredictedLinks:
    """Score the possible links that do not exist, by the TransE or DistMult vectors in the database.

    Args:
        connection: the database.
        method: `transe` or `distmult`; default: the first that has vectors.
        relations: relationship types; types without a vector are left out.
        limit: links of a type to return.
        per_source: links of a type with the same source node, at most.

    Raises:
        EmbeddingError: no vectors that GDS can predict with.
    """
    vectors = relation_vectors(connection, method, relations)
    timer = Timer()
    found = []
    for relation, vector in vectors.by_relation.items():
        with timer.stage(relation):
            found.append(
                missing_links(
                    connection, vectors.method, relation, vector, limit=limit, per_source=per_source
                )
            )
    distance = vectors.method == "transe"
    score = "distance ||h + r - t||, smaller is likelier" if distance else "<h, r, t>, larger is likelier"
    return PredictedLinks(vectors.method, score, vectors.embedding_run, found, timer.seconds)


def _compute(connection: Connection, projection: Projection, settings: EmbedSettings) -> VectorsWritten:
    if isinstance(settings, KgeSettings):
        return kge.write(connection, projection, settings)
    assert isinstance(settings, GdsSettings)
    return gds_methods.write(connection, projection, settings)


def _versions(connection: Connection) -> dict[str, str]:
    names = ("kgrec-gds", "graphdatascience")
    return connection.one("embeddings/versions") | {name: metadata.version(name) for name in names}


def _record(
    connection: Connection,
    run_id: str,
    settings: EmbedSettings,
    cutoff: int | None,
    versions: dict[str, str],
    *,
    metrics: dict[str, Any],
) -> None:
    connection.run(
        "embeddings/record_run",
        id=run_id,
        method=settings.method,
        parameters=json.dumps(settings.parameters),
        seed=settings.seed,
        cutoff=cutoff,
        metrics=json.dumps(metrics),
        versions=json.dumps(versions),
    )
