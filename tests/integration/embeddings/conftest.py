"""The small graph, loaded afresh into the session's server for each module of this room."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from kgrec_gds.database.connection import Connection
from kgrec_gds.server import RunningServer


@pytest.fixture(scope="session")
def small_graph() -> ModuleType:
    """The module beside this one; tests are no package, so it is loaded by its file."""
    path = Path(__file__).with_name("small_graph.py")
    spec = importlib.util.spec_from_file_location("small_graph", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def graph(server: RunningServer, small_graph: ModuleType) -> Iterator[Connection]:
    """A connection to a database that holds the small graph and nothing else."""
    with Connection.open(server.address) as graph:
        small_graph.load(graph)
        yield graph
        graph.driver.execute_query(small_graph.CLEAR)
