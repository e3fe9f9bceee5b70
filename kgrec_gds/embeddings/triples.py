"""Triples of a projection as arrays, and random splits of triples."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.database.connection import Connection
from kgrec_gds.embeddings.projection import Projection

_KEYS_PER_QUERY = 100_000


@dataclass(frozen=True)
class Triples:
    """Triples as row numbers; nodes are ordered by key, so that results do not depend on node ids."""

    node_ids: NDArray[np.int64]
    """GDS node id by row, shape (nodes,)."""
    keys: NDArray[np.object_]
    """`tconst`, `nconst`, or `genre ` and the name, by row."""
    relations: list[str]
    """Relationship types by row, in alphabetical order."""
    triples: NDArray[np.int64]
    """Shape (triples, 3): head, relation, tail; sorted and distinct."""


def pull(connection: Connection, projection: Projection) -> Triples:
    """Stream the triples of a projection."""
    frame = connection.gds.graph.relationships.stream(projection.graph)
    source, target = frame["sourceNodeId"].to_numpy(np.int64), frame["targetNodeId"].to_numpy(np.int64)
    ids = np.unique(np.concatenate([source, target]))
    keys = np.array(
        [
            key
            for start in range(0, len(ids), _KEYS_PER_QUERY)
            for key in connection.one(
                "embeddings/node_keys", ids=ids[start : start + _KEYS_PER_QUERY].tolist()
            )["keys"]
        ],
        dtype=object,
    )
    order = np.argsort(keys.astype(str), kind="stable")
    row = np.empty(len(ids), np.int64)
    row[order] = np.arange(len(ids))
    relations, relation = np.unique(frame["relationshipType"].to_numpy(str), return_inverse=True)
    columns = (row[np.searchsorted(ids, source)], relation, row[np.searchsorted(ids, target)])
    return Triples(ids[order], keys[order], relations.tolist(), np.unique(np.stack(columns, axis=1), axis=0))


def hold_out(
    triples: NDArray[np.int64], share: float, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split triples at random: those to train on, and about a share of all that is held out.

    The last triple of a node or a relationship type is never held out, since its vector would not be trained.
    """
    nodes = np.bincount(triples[:, [0, 2]].ravel()).tolist()
    relations = np.bincount(triples[:, 1]).tolist()
    chosen = np.zeros(len(triples), bool)
    for row in rng.permutation(len(triples))[: int(len(triples) * share)]:
        head, relation, tail = triples[row].tolist()
        if min(nodes[head], nodes[tail]) > (2 if head == tail else 1) and relations[relation] > 1:
            chosen[row] = True
            nodes[head] -= 1
            nodes[tail] -= 1
            relations[relation] -= 1
    return triples[~chosen], triples[chosen]
