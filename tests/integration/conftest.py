"""Shared by the tests against a real server.

One server serves the whole session, in a home of its own; tests that replace its data, stop it or kill it take
`own_home` instead. Jars come from the cache that all homes share.
"""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kgrec_gds.database.connection import Connection
from kgrec_gds.server import ports
from kgrec_gds.server.admin_tool import end_leftovers
from kgrec_gds.server.lifecycle import ensure_running, stop
from kgrec_gds.server.server_files import ServerFiles
from kgrec_gds.server.server_state import RunningServer

_VARIABLES = ("NEO4J_URI", "NEO4J_USERNAME", "NEO4J_PASSWORD", "NEO4J_DATABASE")


def _home(folder: Path) -> Iterator[Path]:
    # Undone by layers: what `own_home` sets gives way to the session's home again.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KGREC_HOME", str(folder))
        # Servers of tests live for seconds: the optimizing compiler would take a third of the processor time.
        patch.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")
        for name in _VARIABLES:
            patch.delenv(name, raising=False)
        # Ports of its own: a server that a test stops must find them free, whatever another process starts meanwhile.
        for name, port in zip(("BOLT_PORT", "HTTP_PORT"), ports.some_free(2), strict=True):
            patch.setattr(ports, name, port)
        yield folder
        for instance in ("main", "import"):
            stop(ServerFiles(folder / "server", instance))
            end_leftovers(ServerFiles(folder / "server", instance))


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """KGREC_HOME of the session."""
    yield from _home(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def own_home(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """KGREC_HOME of one module whose tests stop the server or replace its data."""
    yield from _home(tmp_path_factory.mktemp("own-home"))


@pytest.fixture(scope="session")
def npm_ci() -> Callable[[Path], subprocess.CompletedProcess[str]]:
    """Installs what the package-lock.json of a folder names."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm on this machine: apt-get install npm")
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    return lambda folder: subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=400)


@pytest.fixture(scope="session")
def server(home: Path) -> RunningServer:
    """The session's server."""
    return ensure_running(ServerFiles(home / "server"))


@pytest.fixture
def graph(server: RunningServer) -> Iterator[Connection]:
    """A connection to the session's server; what a test writes, it removes."""
    with Connection.open(server.address) as graph:
        yield graph
