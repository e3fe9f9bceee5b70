"""A second instance beside the main one: another data directory is filled, served, and swapped in."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import GdsAbsentError, ServerError
from kgrec_gds.server import admin_tool, installation, lifecycle, process
from kgrec_gds.server.memory import Memory
from kgrec_gds.server.server_files import DataFolders, ServerFiles
from kgrec_gds.server.server_state import RunningServer

SMALL = Memory("512m", "64m")


class WithoutPlugins(ServerFiles):
    """A server without plugins."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.plugins = self.root / "no-plugins"


@pytest.fixture(scope="module")
def second(own_home: Path) -> Iterator[ServerFiles]:
    files = ServerFiles(instance="import")
    yield files
    lifecycle.stop(files)


@pytest.fixture(scope="module")
def main(own_home: Path) -> RunningServer:
    running = lifecycle.ensure_running()
    with Connection.open(running.address) as graph:
        graph.run("server/create_mark", mark="old")
    return running


@pytest.fixture(scope="module")
def imported(second: ServerFiles, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with two nodes in it."""
    installation.install(second)
    data = DataFolders(second).fresh()
    lines: list[str] = []
    result = admin_tool.admin(_import(tmp_path_factory.mktemp("csv")), second, data, on_line=lines.append)
    assert result.exit_code == 0, result.output
    assert "2 nodes" in result.output
    assert "\n".join(lines) in result.output
    return data


def _import(folder: Path) -> list[str]:
    nodes = folder / "nodes.csv"
    nodes.write_text(':ID,name,:LABEL\n1,"a ""quoted"" name",Mark\n2,b,Mark\n')
    return ["database", "import", "full", "neo4j", f"--nodes={nodes}", f"--report-file={folder / 'report'}"]


def _nodes(running: RunningServer) -> int:
    with Connection.open(running.address) as graph:
        return int(graph.one("server/count_nodes")["nodes"])


def test_each_instance_serves_its_own_data(main: RunningServer, second: ServerFiles, imported: Path) -> None:
    running = lifecycle.start(second, data=imported, memory=SMALL)
    assert running.uri != main.uri
    assert (_nodes(running), _nodes(main)) == (2, 1)
    with pytest.raises(ServerError, match="to be stopped"):
        admin_tool.admin(["--version"], second, imported)
    assert lifecycle.stop(second)
    assert _nodes(main) == 1


def test_a_failed_admin_tool_returns_its_output(second: ServerFiles, tmp_path: Path) -> None:
    installation.install(second)
    missing = ["database", "import", "full", "neo4j", f"--nodes={tmp_path / 'nowhere.csv'}"]
    result = admin_tool.admin(missing, second, DataFolders(second).fresh())
    assert result.exit_code != 0
    assert "nowhere.csv" in result.output


def test_an_admin_tool_of_a_killed_caller_is_ended(
    main: RunningServer, second: ServerFiles, tmp_path: Path
) -> None:
    data = DataFolders(second).fresh()
    program = (
        "from pathlib import Path; from kgrec_gds.server.admin_tool import admin; "
        "from kgrec_gds.server.server_files import ServerFiles; "
        f"admin({_import(tmp_path)!r}, ServerFiles(instance='import'), Path({str(data)!r}))"
    )
    with subprocess.Popen([sys.executable, "-c", program]) as caller:
        deadline = time.monotonic() + 60
        while not process.find_admin(second):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        caller.kill()
    assert admin_tool.end_leftovers(second) == 1
    assert process.find_admin(second) == []
    assert _nodes(main) == 1


def test_data_that_does_not_start_is_not_swapped_in(main: RunningServer) -> None:
    folders = DataFolders()
    broken = folders.fresh()
    (broken / "databases").write_text("a file where a folder should be")
    with pytest.raises(ServerError, match="ended while starting"):
        lifecycle.swap(broken)
    running = lifecycle.ensure_running()
    assert not running.started, "the old data is served again"
    assert (running.data, _nodes(running)) == (main.data, 1)


def test_a_killed_swap_is_undone(main: RunningServer, imported: Path, tmp_path: Path) -> None:
    checking = tmp_path / "checking"
    program = (
        "import time; from pathlib import Path; from kgrec_gds.server.lifecycle import swap\n"
        f"swap(Path({str(imported)!r}), lambda _: (Path({str(checking)!r}).touch(), time.sleep(600)))"
    )
    with subprocess.Popen([sys.executable, "-c", program]) as caller:
        deadline = time.monotonic() + 120
        while not checking.exists():
            assert time.monotonic() < deadline
            assert caller.poll() is None
            time.sleep(0.05)
        assert lifecycle.status().state == "starting"
        caller.kill()
    running = lifecycle.ensure_running()
    assert (running.data, _nodes(running)) == (main.data, 1)


def test_a_server_on_data_that_is_not_current_can_be_ended(main: RunningServer, imported: Path) -> None:
    folders = DataFolders()
    lifecycle.end_unverified()
    assert lifecycle.status().state == "running"
    folders.switch(imported)
    lifecycle.end_unverified()
    assert lifecycle.status().state == "stopped"
    folders.switch(Path(main.data))
    assert _nodes(lifecycle.ensure_running()) == 1


def test_a_swap_serves_the_new_data_at_the_same_address(main: RunningServer, imported: Path) -> None:
    running = lifecycle.swap(imported)
    assert (running.uri, running.http, running.data) == (main.uri, main.http, str(imported))
    assert _nodes(running) == 2
    DataFolders().remove_others()
    assert [path.name for path in imported.parent.glob("*/")] == [imported.name]
    assert lifecycle.stop()


def test_a_server_without_gds_is_an_error(own_home: Path) -> None:
    files = WithoutPlugins(instance="without")
    installation.install()
    with pytest.raises(GdsAbsentError, match="Graph Data Science"):
        lifecycle.start(files, data=DataFolders(files).fresh(), memory=SMALL)
    assert process.find(files) is None
