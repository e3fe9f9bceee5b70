"""In-memory graphs that methods run on: named uniquely, and dropped even after a failure."""

import re
import string
import uuid
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from neo4j.exceptions import ClientError, DatabaseError, ServiceUnavailable, SessionExpired

from kgrec_gds import schema
from kgrec_gds.database import queries
from kgrec_gds.database.connection import Connection
from kgrec_gds.embeddings.embedding_settings import EmbedSettings, GdsSettings, KgeSettings
from kgrec_gds.errors import EmbeddingError, TooLittleHeapError
from kgrec_gds.leftovers import is_abandoned, owner
from kgrec_gds.progress import say

#: Share of the ratings, ordered by time, that the protocol `global` trains on, in percent.
TRAINING_PERCENT = 64

_PREFIX = "kgrec-"
_NOTHING_TO_EMBED = (
    "The graph has no ACTED_IN, DIRECTED, WROTE or HAS_GENRE relationships to embed. "
    "Run `kgrec-gds import` first."
)
#: How GDS and the plugin refuse: exact bytes, or figures rounded to their unit.
_BLOCKED = (
    re.compile(r"Memory required to run .*? \((\d+)(b)\) exceeds available memory \((\d+)(b)\)"),
    re.compile(r"minimum estimated memory \(([\d.]+) (\w+)\) exceeds current free memory \(([\d.]+) (\w+)\)"),
)
_UNITS = {"b": 1, "Bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}


@dataclass(frozen=True)
class Projection:
    """A projected graph and its size."""

    graph: Any
    """The GDS client's graph object."""
    name: str
    node_count: int
    relationship_count: int
    project_millis: int


@contextmanager
def refusals(doing: str) -> Iterator[None]:
    """Turn an error of the database into a one-line `EmbeddingError`.

    Raises:
        EmbeddingError: the database refused.
    """
    try:
        yield
    except (ClientError, DatabaseError) as error:
        reason = (error.message or str(error)).split("Caused by: ")[-1].strip()
        message = f"{doing} was refused by the database: {reason}"
        if (missing := missing_heap(reason)) is not None:
            raise TooLittleHeapError(f"{message} The server's heap is too small.", missing) from error
        raise EmbeddingError(message) from error


def missing_heap(reason: str) -> int | None:
    """Bytes that the server lacks, at least, by its own message; None where it is about something else."""
    found = next((match for each in _BLOCKED if (match := each.search(reason))), None)
    if found is None:
        return None
    # The need may have been rounded down to its unit, and the free heap up.
    needed = (float(found[1]) + 0.5) * _UNITS.get(found[2], 1)
    free = max(float(found[3]) - 0.5, 0.0) * _UNITS.get(found[4], 1)
    return max(int(needed - free), _UNITS["MiB"])


def estimate_projection(connection: Connection, *, with_ratings: bool) -> int:
    """Estimate the memory of a projection before it is made.

    Returns:
        Bytes that the projection needs at least.

    Raises:
        EmbeddingError: the graph has nothing to project, or the projection cannot fit into the server's heap.
    """
    if connection.one("embeddings/counts")["relationships"] == 0:
        raise EmbeddingError(_NOTHING_TO_EMBED)
    existing = {row["name"] for row in connection.run("embeddings/names")}
    labels = [*schema.FACT_LABELS, *([schema.USER] if with_ratings else [])]
    types = [*schema.FACT_TYPES, *([schema.RATED] if with_ratings else [])]
    # GDS refuses names that the database has never seen.
    estimate = connection.gds.graph.project.estimate(
        [label for label in labels if label in existing], [type_ for type_ in types if type_ in existing]
    )
    minimum: int = estimate.bytes_min
    if estimate.heap_percentage_min > 100:
        raise TooLittleHeapError(
            f"The projection needs {estimate.required_memory}, which is {estimate.heap_percentage_min:.0f} % of "
            "the server's heap.",
            minimum,
        )
    return minimum


@contextmanager
def projected(
    connection: Connection,
    *,
    undirected: bool,
    cutoff: int | None = None,
    relationship_weight: float = 1.0,
    held_out: Sequence[str] = (),
    feature_count: int = 0,
) -> Iterator[Projection]:
    """Project the nodes that have relationships (with a cut-off, also ratings before it); drop the graph afterwards.

    Args:
        connection: the database.
        undirected: whether relationships are traversed both ways; TransE and DistMult need False.
        cutoff: ratings strictly before this time are projected; None: no ratings.
        relationship_weight: weight of a relationship beside a rating of 1-10.
        held_out: element ids of relationships to leave out.
        feature_count: length of the property `feature`, made of the node's key; 0: no such property.

    Raises:
        EmbeddingError: nothing to embed, or the database refused.
    """
    drop_leftovers(connection)
    name, gone = f"{_PREFIX}{owner()}-{uuid.uuid4().hex[:6]}", False
    try:
        with refusals("The projection"):
            made = connection.gds.graph.project.cypher(
                queries.load("embeddings/project").text,
                name=name,
                undirected=["*"] if undirected else [],
                cutoff=cutoff,
                relationshipWeight=relationship_weight,
                heldOut=list(held_out),
                featureCount=feature_count,
                alphabet=string.ascii_lowercase + string.digits + string.ascii_uppercase + string.punctuation,
            ).result
        if made.relationship_count == 0:
            raise EmbeddingError(_NOTHING_TO_EMBED)
        yield Projection(
            connection.gds.graph.get(name),
            name,
            made.node_count,
            made.relationship_count,
            made.project_millis,
        )
    except (ServiceUnavailable, SessionExpired):
        gone = True  # and the projection with it; the driver would try for half a minute more
        raise
    finally:
        if not gone:
            with refusals("Dropping the projection"):
                connection.gds.graph.drop(name, fail_if_missing=False)
                # Again: the server finishes the projection of a killed process although nobody waits for it.
                drop_leftovers(connection)


def drop_leftovers(connection: Connection) -> int:
    """Drop the projections of processes of this machine that were killed, and return their number."""
    names = (row["name"] for row in connection.run("embeddings/projections"))
    left = [name for name in names if name.startswith(_PREFIX) and is_abandoned(name)]
    for name in left:
        connection.run("embeddings/drop_projection", name=name)
        say(f"Dropped the projection {name} of an embed that was killed.")
    return len(left)


def projected_for(
    connection: Connection,
    settings: EmbedSettings,
    *,
    cutoff: int | None = None,
    held_out: Sequence[str] = (),
) -> AbstractContextManager[Projection]:
    """The projection that a method's settings need; see `projected`."""
    stable = isinstance(settings, GdsSettings) and settings.stable
    return projected(
        connection,
        # (h, r, t) beside (t, r, h) would force r to 0.
        undirected=not isinstance(settings, KgeSettings),
        cutoff=cutoff,
        relationship_weight=settings.relationship_weight,
        held_out=held_out,
        feature_count=settings.dimension if stable else 0,
    )


def training_cutoff(connection: Connection) -> int:
    """Time (epoch seconds) of the first rating after the training share of the protocol `global`.

    Raises:
        EmbeddingError: the graph has too few ratings to split.
    """
    ratings: int = connection.one("embeddings/counts")["ratings"]
    training = ratings * TRAINING_PERCENT // 100
    if training < 1:
        raise EmbeddingError(
            f"The graph has {ratings} ratings, too few to split by time for --with-ratings. "
            "Import ratings, or leave the option out."
        )
    cutoff: int = connection.one("embeddings/cutoff", training=training)["cutoff"]
    return cutoff
