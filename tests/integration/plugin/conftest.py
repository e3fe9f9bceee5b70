"""Small projected graphs, and calls of the procedures on them."""

import importlib.util
import secrets
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from neo4j import Driver, GraphDatabase

from kgrec_gds.database.connection import Connection
from kgrec_gds.server.server_state import RunningServer

Rows = list[dict[str, Any]]


class Kge:
    """Stores triples, projects them and calls procedures."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def query(self, text: str, **parameters: Any) -> Rows:
        records, _, _ = self._connection.driver.execute_query(text, parameters)
        return [record.data() for record in records]

    def store(self, nodes: Sequence[str], triples: dict[str, list[tuple[str, str, str]]]) -> None:
        """Store nodes by key and the triples of each split, and project each split under its name."""
        self.clear()
        self.query("UNWIND $nodes AS key CREATE (:Entity {key: key})", nodes=list(nodes))
        rows = [
            {"h": h, "r": r, "t": t, "split": split} for split, part in triples.items() for h, r, t in part
        ]
        self.query(
            "UNWIND $rows AS row MATCH (h:Entity {key: row.h}), (t:Entity {key: row.t}) "
            "CREATE (h)-[:$(row.r) {split: row.split}]->(t)",
            rows=rows,
        )
        for split in triples:
            self.query(
                "MATCH (n:Entity) OPTIONAL MATCH (n)-[r {split: $split}]->(m:Entity) "
                "RETURN gds.graph.project($split, n, m, {relationshipType: type(r)})",
                split=split,
            )

    def clear(self) -> None:
        self.query(
            "CALL gds.graph.list() YIELD graphName CALL gds.graph.drop(graphName) YIELD nodeCount RETURN 1"
        )
        self.query("MATCH (n) DETACH DELETE n")

    def call(self, procedure: str, name: str, configuration: dict[str, Any]) -> Rows:
        return self.query(
            f"CALL kgrec.kge.{procedure}($name, $configuration)", name=name, configuration=configuration
        )

    def one(self, procedure: str, name: str, **configuration: Any) -> dict[str, Any]:
        (row,) = self.call(procedure, name, {"scoringFunction": "transe", **configuration})
        return row

    def set_vectors(
        self, nodes: dict[str, list[float]], types: dict[str, list[float]], name: str = "transE"
    ) -> None:
        self.query(
            "UNWIND $rows AS row MATCH (n:Entity {key: row[0]}) SET n[$name] = row[1]",
            rows=[list(row) for row in nodes.items()],
            name=name,
        )
        self.query(
            "UNWIND $rows AS row MERGE (n:RelationType {name: row[0]}) SET n[$name] = row[1]",
            rows=[list(row) for row in types.items()],
            name=name,
        )

    def vectors(self, name: str, **configuration: Any) -> dict[str, list[float]]:
        """Streamed vectors by the node's key or the type's name."""
        rows = self.query(
            "CALL kgrec.kge.stream($name, $configuration) YIELD nodeId, relationshipType, embedding "
            "OPTIONAL MATCH (n) WHERE id(n) = nodeId "
            "RETURN coalesce(n.key, relationshipType) AS key, embedding",
            name=name,
            configuration={"scoringFunction": "transe", **configuration},
        )
        return {row["key"]: row["embedding"] for row in rows}


@pytest.fixture
def kge(graph: Connection) -> Iterator[Kge]:
    kge = Kge(graph)
    kge.clear()
    yield kge
    kge.clear()


def lattice_triples(side: int) -> list[tuple[str, str, str]]:
    steps = {"RIGHT": (1, 0), "UP": (0, 1), "DIAGONAL": (1, 1), "JUMP": (2, -1)}
    return [
        (f"{x}/{y}", name, f"{x + dx}/{y + dy}")
        for name, (dx, dy) in steps.items()
        for x in range(side)
        for y in range(side)
        if 0 <= x + dx < side and 0 <= y + dy < side
    ]


@pytest.fixture
def another_user(graph: Connection, server: RunningServer) -> Iterator[Driver]:
    """A driver of a second user of the database."""
    password = secrets.token_hex()
    create = "CREATE USER another SET PASSWORD $password CHANGE NOT REQUIRED"
    graph.driver.execute_query(create, password=password, database_="system")
    try:
        with GraphDatabase.driver(server.uri, auth=("another", password)) as driver:
            yield driver
    finally:
        graph.driver.execute_query("DROP USER another", database_="system")


@pytest.fixture
def lattice(kge: Kge) -> Callable[..., None]:
    """Store the cells of a lattice with their neighbours, which TransE can represent; every ninth triple is held out."""

    def store(side: int = 9, backwards: bool = False) -> None:
        triples = lattice_triples(side)
        held = [triple for i, triple in enumerate(triples) if i % 9 == 4]
        rest = [triple for i, triple in enumerate(triples) if i % 9 != 4]
        nodes = [f"{x}/{y}" for x in range(side) for y in range(side)]
        order = -1 if backwards else 1
        kge.store(nodes[::order], {"train": rest[::order], "held": held[::order]})

    return store


@pytest.fixture(scope="module")
def published(server: RunningServer) -> Iterator[Any]:
    """A small graph with a trained model, published: a `PublishedGraph` of the module in this folder."""
    path = Path(__file__).with_name("published_graph.py")
    spec = importlib.util.spec_from_file_location("published_graph", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with Connection.open(server.address) as connection:
        yield module.make(connection)
        connection.driver.execute_query("CALL kgrec.model.unload()")
        connection.driver.execute_query(module.CLEAR)
