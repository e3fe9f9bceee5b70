"""The managed server gets more heap where embed needs it; a heap that a person set stays."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import TooLittleHeapError
from kgrec_gds.server import lifecycle
from kgrec_gds.server.installation import install
from kgrec_gds.server.memory import Memory, size_in_bytes
from kgrec_gds.workflows.connect import connect
from kgrec_gds.workflows.embed import embed

LOAD = """
UNWIND range(1, 4000) AS i CREATE (m:Movie {tconst: 'tt' + i})
WITH m, i CREATE (:Person:Actor {nconst: 'nm' + i})-[:ACTED_IN {ordering: 1}]->(m)
"""
#: Vectors of 8,000 nodes: 33 MB times the states of the computation, more than the heap below has free.
DIMENSION = 4096


@pytest.fixture(scope="module", autouse=True)
def installed(own_home: Path) -> None:
    install()


@pytest.fixture(autouse=True)
def stopped(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("KGREC_HEAP", raising=False)
    lifecycle.stop()
    yield
    lifecycle.stop()


def loaded(connection: Connection) -> Connection:
    if not connection.one("embeddings/counts")["relationships"]:
        connection.driver.execute_query(LOAD)
    return connection


def test_embed_restarts_the_server_with_the_heap_that_it_lacks(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    lifecycle.start(memory=Memory("256m", "64m"))
    with connect() as connection:
        done = embed(loaded(connection), "fastrp", dimension=DIMENSION)
    assert done.node_properties_written == 8_000
    raised = lifecycle.running_memory()
    assert raised is not None
    assert size_in_bytes(raised.heap) > size_in_bytes("256m")
    assert "Restarting the server with a heap of" in caplog.text


def test_a_heap_that_was_set_stays_and_the_message_names_the_option(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KGREC_HEAP", "256m")
    with connect() as connection:
        loaded(connection)
        with pytest.raises(TooLittleHeapError, match=r"was set to 256m.*--heap \dg, or KGREC_HEAP=\dg"):
            embed(connection, "fastrp", dimension=DIMENSION)
    assert lifecycle.running_memory() == Memory("256m", "512m", given=True)
