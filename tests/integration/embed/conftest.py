"""One server for the tests of this room, with the small graph loaded afresh for each module."""

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from kgrec_gds import server
from kgrec_gds.graph import Graph

#: A home whose server may be used and left running, to save its start while developing.
REUSED_HOME = os.environ.get("KGREC_TEST_HOME")


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


@pytest.fixture(scope="session")
def embed_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KGREC_HOME", REUSED_HOME or str(tmp_path_factory.mktemp("embed-home")))
        with Graph.open(server.ensure_running().address) as graph:
            yield graph
        if not REUSED_HOME:
            server.stop()


@pytest.fixture(scope="module")
def graph(embed_server: Graph, small_graph: ModuleType) -> Graph:
    """A connection to a database that holds the small graph and nothing else."""
    small_graph.load(embed_server)
    return embed_server
