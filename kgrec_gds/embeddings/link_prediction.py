"""Missing links, scored inside the database by `gds.ml.kge.predict` with the vectors that are there."""

import json
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kgrec_gds import schema
from kgrec_gds.database import queries
from kgrec_gds.database.connection import Connection
from kgrec_gds.embeddings.projection import refusals
from kgrec_gds.errors import EmbeddingError
from kgrec_gds.progress import Timer

if TYPE_CHECKING:
    import pandas as pd

#: Rows that GDS streams to us at once.
_ROWS_AT_ONCE = 500_000
#: Methods that GDS can predict with, in the order tried.
METHODS = ("transe", "distmult")


@dataclass(frozen=True)
class Link:
    """A link that the graph does not hold."""

    source: str
    source_name: str | None
    target: str
    target_name: str | None
    score: float
    """TransE: distance ||h + r - t||, small is likely. DistMult: <h, r, t>, large is likely."""


@dataclass(frozen=True)
class Links:
    """The likeliest missing links of one relationship type."""

    relation: str
    links: list[Link]
    sources: int
    """Nodes with at least one link of the type: those asked about."""
    targets: int
    existing_left_out: int
    """Links that GDS returned and the graph holds already; GDS 2.26 returns none, we do not rely on it."""


@dataclass(frozen=True)
class Predicted:
    """The likeliest missing links of several relationship types."""

    method: str
    score: str
    """What the score is, in words."""
    embedding_run: str | None
    """Id of the run that made the vectors."""
    relations: list[Links]
    seconds: dict[str, float]
    """By relationship type."""


def predict_all(
    graph: Connection, method: str | None, relations: Sequence[str], *, limit: int = 20, per_source: int = 3
) -> Predicted:
    """Score all links of the types that could be and are not.

    Args:
        graph: the connection.
        method: `transe` or `distmult`; None: the first of them whose vectors are there.
        relations: relationship types; those that have no vector are left out.
        limit: links of a type to return.
        per_source: links of one source node and type, at most.

    Raises:
        EmbeddingError: no vectors of a method that GDS can predict with, or TransE trained with L1.
    """
    method, vectors = _relation_vectors(graph, method, relations)
    run = graph.run("embeddings/latest_run", method=method)
    if method == "transe" and run and json.loads(run[0]["parameters"]).get("norm", 2) != 2:
        raise EmbeddingError(
            "gds.ml.kge.predict measures TransE by L2, and these vectors were trained with L1 (norm=1): it would "
            "rank them wrongly. Run `kgrec-gds embed --method transe` with norm=2 first."
        )
    timer = Timer()
    found = []
    for relation, vector in vectors.items():
        with timer.stage(relation):
            found.append(_predict(graph, method, relation, vector, limit=limit, per_source=per_source))
    score = "distance ||h + r - t||, small is likely" if method == "transe" else "<h, r, t>, large is likely"
    return Predicted(method, score, run[0]["id"] if run else None, found, timer.seconds)


def _relation_vectors(
    graph: Connection, method: str | None, relations: Sequence[str]
) -> tuple[str, dict[str, list[float]]]:
    if method is not None and method not in METHODS:
        raise EmbeddingError(
            f"Links are predicted with --method {' or '.join(METHODS)}, which have vectors of relation types; "
            f"received {method!r}."
        )
    for candidate in [method] if method else METHODS:
        rows = graph.run("embeddings/relation_vectors", property=schema.VECTOR_PROPERTIES[candidate])
        vectors = {row["name"]: row["vector"] for row in rows if row["name"] in relations}
        if vectors:
            return candidate, vectors
    raise EmbeddingError(
        f"To predict links the relation type {' or '.join(relations)} should have a "
        f"{method or 'transe or distmult'} vector, but has none. "
        f"Run `kgrec-gds embed --method {method or 'transe'}` first."
    )


def _predict(
    graph: Connection, method: str, relation: str, vector: list[float], *, limit: int, per_source: int
) -> Links:
    with _projected(graph, schema.VECTOR_PROPERTIES[method], relation) as projection:
        existing = graph.gds.graph.relationships.stream(projection)
        scoring = graph.gds.kge.transe if method == "transe" else graph.gds.kge.distmult
        model = scoring(projection, "vector", {relation: vector})
        # A distance is good when small, a product when large.
        ascending = method == "transe"
        best, left_out = _best(
            model, relation, existing, ascending=ascending, limit=limit, per_source=per_source
        )
    rows = graph.run("embeddings/describe_links", rows=best.to_dict("records"))
    return Links(
        relation=relation,
        links=[
            Link(row["source"], row["sourceName"], row["target"], row["targetName"], row["score"])
            for row in rows
        ],
        sources=existing["sourceNodeId"].nunique(),
        targets=existing["targetNodeId"].nunique(),
        existing_left_out=left_out,
    )


@contextmanager
def _projected(graph: Connection, vector_property: str, relation: str) -> Iterator[Any]:
    name = f"kgrec-links-{uuid.uuid4().hex[:12]}"
    try:
        with refusals("The projection"):
            yield graph.gds.graph.project.cypher(
                queries.load("embeddings/project_vectors").text,
                name=name,
                property=vector_property,
                types=[relation],
            ).graph
    finally:
        graph.gds.graph.drop(name, fail_if_missing=False)


def _best(
    model: Any, relation: str, existing: "pd.DataFrame", *, ascending: bool, limit: int, per_source: int
) -> "tuple[pd.DataFrame, int]":
    """The best missing links as columns source, target, score, and how many existing ones stood among them."""
    import pandas as pd

    have = pd.MultiIndex.from_frame(existing[["sourceNodeId", "targetNodeId"]])
    sources = np.sort(existing["sourceNodeId"].unique())
    targets = np.sort(existing["targetNodeId"].unique()).tolist()
    # A source's existing links may stand before all missing ones, and it may stand itself among the targets.
    top_k = min(len(targets), per_source + 1 + int(existing["sourceNodeId"].value_counts().max()))
    at_once = max(1, _ROWS_AT_ONCE // top_k)
    best, left_out = [], 0
    for start in range(0, len(sources), at_once):
        with refusals("gds.ml.kge.predict"):
            scored = model.predict_stream(sources[start : start + at_once].tolist(), targets, relation, top_k)
        scored.columns = ["source", "target", "score"]
        exists = pd.MultiIndex.from_frame(scored[["source", "target"]]).isin(have)
        left_out += int(exists.sum())
        missing = scored[~exists & (scored["source"] != scored["target"]).to_numpy()]
        missing = missing.sort_values("score", ascending=ascending, kind="stable")
        best.append(missing.groupby("source").head(per_source).head(limit))
    ordered = pd.concat(best).sort_values("score", ascending=ascending, kind="stable")
    return ordered.head(limit), left_out
