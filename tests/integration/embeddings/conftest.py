"""The small graph, loaded into the session's server anew for each module of this folder."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from kgrec_gds.database.connection import Connection
from kgrec_gds.server.server_state import RunningServer


@pytest.fixture(scope="session")
def small_graph() -> ModuleType:
    """The module in this folder, loaded by its path since tests are not a package."""
    path = Path(__file__).with_name("small_graph.py")
    spec = importlib.util.spec_from_file_location("small_graph", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def connection(server: RunningServer, small_graph: ModuleType) -> Iterator[Connection]:
    """A connection to a database that holds only the small graph."""
    with Connection.open(server.address) as connection:
        small_graph.load(connection)
        yield connection
        connection.driver.execute_query(small_graph.CLEAR)
