"""Missing links, scored in the database by `gds.ml.kge.predict` with the vectors on its nodes."""

import json
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kgrec_gds.database import queries
from kgrec_gds.database.connection import Connection
from kgrec_gds.embeddings.methods import METHODS, VECTOR_PROPERTIES
from kgrec_gds.embeddings.projection import refusals
from kgrec_gds.errors import EmbeddingError
from kgrec_gds.progress import bars

if TYPE_CHECKING:
    import pandas as pd

#: Rows that GDS streams in one call.
_ROWS_PER_CALL = 500_000
#: Methods that GDS can predict with, in the order tried.
_SCORED = tuple(name for name, row in METHODS.items() if row.family == "kge")


@dataclass(frozen=True)
class MissingLink:
    """A link that the graph does not have."""

    source: str
    source_name: str | None
    target: str
    target_name: str | None
    score: float
    """TransE: distance ||h + r - t||, smaller is likelier. DistMult: <h, r, t>, larger is likelier."""


@dataclass(frozen=True)
class MissingLinks:
    """The likeliest missing links of one relationship type."""

    relation: str
    links: list[MissingLink]
    sources: int
    """Nodes with at least one link of the type, which are the candidates."""
    targets: int
    existing_left_out: int
    """Existing links that GDS returned; GDS 2.26 returns none, but does not promise so."""


@dataclass(frozen=True)
class RelationVectors:
    """A method's vectors of relationship types, as they are in the database."""

    method: str
    embedding_run: str | None
    """Id of the run that made them."""
    by_relation: dict[str, list[float]]


def relation_vectors(connection: Connection, method: str | None, relations: Sequence[str]) -> RelationVectors:
    """Vectors of the relationship types, by the named method or the first one that has some.

    Raises:
        EmbeddingError: no such vectors, or vectors that GDS cannot predict with.
    """
    if method is not None and method not in _SCORED:
        raise EmbeddingError(
            f"Cannot predict links with {method}, which has no vectors of relationship types. "
            f"Use --method {' or '.join(_SCORED)}."
        )
    for candidate in [method] if method else _SCORED:
        rows = connection.run("embeddings/relation_vectors", property=VECTOR_PROPERTIES[candidate])
        vectors = {row["name"]: row["vector"] for row in rows if row["name"] in relations}
        if vectors:
            return RelationVectors(candidate, _run_of(connection, candidate), vectors)
    raise EmbeddingError(
        f"There is no {method or ' or '.join(_SCORED)} vector of the relationship types {', '.join(relations)}. "
        f"Run `kgrec-gds embed --method {method or _SCORED[0]}` first."
    )


def _run_of(connection: Connection, method: str) -> str | None:
    """Id of the method's latest run, checked."""
    run = connection.run("embeddings/latest_run", method=method)
    if not run:
        return None
    if json.loads(run[0]["parameters"]).get("norm", 2) != 2:
        raise EmbeddingError(
            "Cannot predict links with TransE vectors trained with L1 (norm=1): gds.ml.kge.predict measures "
            "distances by L2. Run `kgrec-gds embed --method transe` with norm=2 first."
        )
    return str(run[0]["id"])


def missing_links(
    connection: Connection,
    method: str,
    relation: str,
    vector: Sequence[float],
    *,
    limit: int = 20,
    per_source: int = 3,
) -> MissingLinks:
    """Score all links of a relationship type that are possible and do not exist.

    Args:
        connection: the database, with the method's vectors on its nodes.
        method: `transe` or `distmult`.
        relation: relationship type.
        vector: the type's vector.
        limit: links to return.
        per_source: links with the same source node, at most.
    """
    with _projected(connection, VECTOR_PROPERTIES[method], relation) as projection:
        existing = connection.gds.graph.relationships.stream(projection)
        scoring = connection.gds.kge.transe if method == "transe" else connection.gds.kge.distmult
        model = scoring(projection, "vector", {relation: list(vector)})
        best, left_out = _best(
            model,
            relation,
            existing,
            ascending=method == "transe",  # a distance
            limit=limit,
            per_source=per_source,
        )
    rows = connection.run("embeddings/describe_links", rows=best.to_dict("records"))
    return MissingLinks(
        relation=relation,
        links=[
            MissingLink(row["source"], row["sourceName"], row["target"], row["targetName"], row["score"])
            for row in rows
        ],
        sources=existing["sourceNodeId"].nunique(),
        targets=existing["targetNodeId"].nunique(),
        existing_left_out=left_out,
    )


@contextmanager
def _projected(connection: Connection, vector_property: str, relation: str) -> Iterator[Any]:
    name = f"kgrec-links-{uuid.uuid4().hex[:12]}"
    try:
        with refusals("The projection"):
            yield connection.gds.graph.project.cypher(
                queries.load("embeddings/project_vectors").text,
                name=name,
                property=vector_property,
                types=[relation],
            ).graph
    finally:
        connection.gds.graph.drop(name, fail_if_missing=False)


def _best(
    model: Any, relation: str, existing: "pd.DataFrame", *, ascending: bool, limit: int, per_source: int
) -> "tuple[pd.DataFrame, int]":
    """The best missing links as columns source, target, score, and the number of existing ones among them."""
    import pandas as pd

    known = pd.MultiIndex.from_frame(existing[["sourceNodeId", "targetNodeId"]])
    sources = np.sort(existing["sourceNodeId"].unique())
    targets = np.sort(existing["targetNodeId"].unique()).tolist()
    # A source's existing links, and the source itself, may rank before all missing links.
    top_k = min(len(targets), per_source + 1 + int(existing["sourceNodeId"].value_counts().max()))
    per_call = max(1, _ROWS_PER_CALL // top_k)
    best, left_out = [], 0
    with bars() as display:
        task = display.add_task(f"{relation}: scoring sources", total=len(sources))
        for start in range(0, len(sources), per_call):
            batch = sources[start : start + per_call].tolist()
            with refusals("gds.ml.kge.predict"):
                scored = model.predict_stream(batch, targets, relation, top_k)
            scored.columns = ["source", "target", "score"]
            exists = pd.MultiIndex.from_frame(scored[["source", "target"]]).isin(known)
            left_out += int(exists.sum())
            missing = scored[~exists & (scored["source"] != scored["target"]).to_numpy()]
            missing = missing.sort_values("score", ascending=ascending, kind="stable")
            best.append(missing.groupby("source").head(per_source).head(limit))
            display.advance(task, len(batch))
    ordered = pd.concat(best).sort_values("score", ascending=ascending, kind="stable")
    return ordered.head(limit), left_out
