"""The in-memory graphs that methods run on: made with a name of their own, dropped whatever happens."""

import string
import uuid
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from neo4j.exceptions import ClientError, DatabaseError

from kgrec_gds.database import queries
from kgrec_gds.database.connection import Connection
from kgrec_gds.embeddings.embedding_settings import EmbedSettings, FastRPSettings, KgeSettings
from kgrec_gds.errors import EmbeddingError

#: Share of the ratings, ordered by time, that the protocol `global` trains on, in percent.
TRAINING_PERCENT = 64


@dataclass(frozen=True)
class Projection:
    """A projected graph and what it holds."""

    graph: Any
    """The GDS client's graph object."""
    name: str
    node_count: int
    relationship_count: int
    project_millis: int


@contextmanager
def refusals(doing: str) -> Iterator[None]:
    """Turn what the database refuses into our one-line error.

    Raises:
        EmbeddingError: the database refused.
    """
    try:
        yield
    except (ClientError, DatabaseError) as error:
        reason = (error.message or str(error)).split("Caused by: ")[-1].strip()
        if "memory" in reason.lower():
            reason += " Give the server more heap, or choose a smaller --dimension."
        raise EmbeddingError(f"{doing} was refused by the database: {reason}") from error


@contextmanager
def projected(
    graph: Connection,
    *,
    undirected: bool,
    cutoff: int | None = None,
    fact_weight: float = 1.0,
    held_out: Sequence[str] = (),
    feature_count: int = 0,
) -> Iterator[Projection]:
    """Project the nodes that have facts (and, with a cut-off, ratings before it), and drop it afterwards.

    Args:
        graph: the connection.
        undirected: whether a fact can be walked both ways; TransE and DistMult need False.
        cutoff: ratings strictly before this time are projected; None: no ratings.
        fact_weight: weight of a fact beside a rating of 1-10.
        held_out: element ids of facts to leave out.
        feature_count: numbers in the property `feature`, made of the node's key; 0: no such property.

    Raises:
        EmbeddingError: nothing to embed, or the database refused.
    """
    name = f"kgrec-{uuid.uuid4().hex[:12]}"
    try:
        with refusals("The projection"):
            made = graph.gds.graph.project.cypher(
                queries.load("embeddings/project").text,
                name=name,
                undirected=["*"] if undirected else [],
                cutoff=cutoff,
                factWeight=fact_weight,
                heldOut=list(held_out),
                featureCount=feature_count,
                alphabet=string.ascii_lowercase + string.digits + string.ascii_uppercase + string.punctuation,
            ).result
        if made.relationship_count == 0:
            raise EmbeddingError(
                "There should be facts to embed (ACTED_IN, DIRECTED, WROTE, HAS_GENRE), but the graph has none. "
                "Run `kgrec-gds import` first."
            )
        yield Projection(
            graph.gds.graph.get(name), name, made.node_count, made.relationship_count, made.project_millis
        )
    finally:
        with refusals("Dropping the projection"):
            graph.gds.graph.drop(name, fail_if_missing=False)


def projected_for(
    graph: Connection, settings: EmbedSettings, *, cutoff: int | None = None, held_out: Sequence[str] = ()
) -> AbstractContextManager[Projection]:
    """The projection that a method's settings ask for; see `projected`."""
    stable = isinstance(settings, FastRPSettings) and settings.stable
    return projected(
        graph,
        # (h, r, t) beside (t, r, h) would force r to nothing.
        undirected=not isinstance(settings, KgeSettings),
        cutoff=cutoff,
        fact_weight=settings.fact_weight,
        held_out=held_out,
        feature_count=settings.embedding_size if stable else 0,
    )


def training_cutoff(graph: Connection) -> int:
    """Time (epoch seconds) of the first rating after the training share of the protocol `global`.

    Raises:
        EmbeddingError: the graph has too few ratings to cut.
    """
    ratings: int = graph.one("embeddings/counts")["ratings"]
    training = ratings * TRAINING_PERCENT // 100
    if training < 1:
        raise EmbeddingError(
            f"--with-ratings should find ratings to train on, but the graph has {ratings}. "
            "Import some, or leave it out."
        )
    cutoff: int = graph.one("embeddings/cutoff", training=training)["cutoff"]
    return cutoff
