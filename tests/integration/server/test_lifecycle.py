"""Starting and stopping the managed server. A start takes seconds, so the tests build on each other."""

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests

from kgrec_gds.database.connection import Address, Connection
from kgrec_gds.errors import ConnectionFailedError, CredentialsRefusedError, ServerError, UnreachableError
from kgrec_gds.server import installation, lifecycle, ports, process
from kgrec_gds.server.ports import Ports, any_free, pick
from kgrec_gds.server.server_files import ServerFiles, read_json
from kgrec_gds.workflows.connect import connect

COMMAND = [sys.executable, "-m", "kgrec_gds", "server"]


def cli(*arguments: str) -> dict:
    run = subprocess.run([*COMMAND, *arguments, "--json"], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.fixture(scope="module", autouse=True)
def files(own_home: Path) -> Iterator[ServerFiles]:
    files = ServerFiles()
    assert files.root == own_home / "server"
    yield files
    lifecycle.stop()


def test_at_first_nothing_is_installed(files: ServerFiles) -> None:
    status = cli("status")
    assert status["state"] == "not installed"
    assert status["uri"] is None
    assert cli("stop") == {"stopped": False}
    with pytest.raises(ServerError, match="not installed"):
        lifecycle.start()


def test_a_second_installation_changes_nothing(files: ServerFiles) -> None:
    first, second = cli("install"), cli("install")
    assert first["changed"]
    assert not second["changed"]
    assert second["jars_downloaded"] == 0
    assert second["plugin"]
    assert len(list(files.plugins.glob("*.jar"))) > 50
    assert not list(files.lib.glob("ecj-*"))
    assert files.root.stat().st_mode & 0o077 == 0, "only the owner may read the database"


def test_a_missing_jar_is_restored_and_another_version_removed(files: ServerFiles) -> None:
    gone = next(files.lib.glob("neo4j-kernel-2*.jar"))
    gone.unlink()
    foreign = files.plugins / "proc-1.0.jar"
    foreign.touch()
    assert installation.install().changed
    assert gone.is_file()
    assert not foreign.exists()


def test_simultaneous_starts_start_one_server(files: ServerFiles) -> None:
    starts = [
        subprocess.Popen([*COMMAND, "start", "--json"], stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    answers = [json.loads(start.communicate()[0]) for start in starts]
    assert answers[0]["pid"] == answers[1]["pid"]
    assert sorted(answer["started"] for answer in answers) == [False, True]


def test_status_has_what_a_client_needs(files: ServerFiles) -> None:
    status = cli("status")
    assert status["state"] == "running"
    assert status["versions"]["neo4j"] == "2026.09.0"
    assert status["versions"]["gds"].startswith("2.26.0")
    assert status["versions"]["java"]
    password = Path(status["password_file"])
    assert password.stat().st_mode & 0o777 == 0o600
    address = Address(status["uri"], status["username"], password.read_text())
    with Connection.open(address) as connection:
        assert connection.gds_version == status["versions"]["gds"]
        assert connection.run("server/count_nodes") == [{"nodes": 0}]


def test_the_browser_is_served_with_the_bolt_address(files: ServerFiles) -> None:
    running = lifecycle.ensure_running()
    discovery = requests.get(running.http, headers={"Accept": "application/json"}, timeout=30).json()
    assert discovery["bolt_direct"] == running.uri
    page = requests.get(f"{running.http}/browser/", timeout=30)
    assert page.ok
    assert "<html" in page.text.lower()


def test_the_server_uses_the_loopback_interface_only(files: ServerFiles) -> None:
    running = lifecycle.ensure_running()
    for connection in psutil.Process(running.pid).net_connections():
        assert connection.laddr.ip in ("127.0.0.1", "::ffff:127.0.0.1", "::1"), connection
        assert not connection.raddr or connection.raddr.ip.endswith("127.0.0.1"), connection


def test_a_second_start_does_nothing(files: ServerFiles) -> None:
    first = lifecycle.ensure_running()
    again = lifecycle.start()
    assert not again.started
    assert (again.pid, again.uri) == (first.pid, first.uri)
    with pytest.raises(ServerError, match="already running"):
        lifecycle.start(bolt_port=int(first.uri.rsplit(":", 1)[1]) + 1)


def test_connect_uses_the_managed_server_and_names_each_failure(files: ServerFiles) -> None:
    running = lifecycle.ensure_running()
    with connect() as connection:
        version = connection.gds.server_version()
    assert running.versions.gds == f"{version.major}.{version.minor}.{version.patch}"
    with pytest.raises(CredentialsRefusedError, match="NEO4J_PASSWORD"):
        Connection.open(Address(running.uri, "neo4j", "wrong"))
    with pytest.raises(ConnectionFailedError, match="NEO4J_DATABASE"):
        Connection.open(Address(running.uri, "neo4j", running.address.password, "nowhere"))
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        with pytest.raises(UnreachableError, match="Cannot reach"):
            Connection.open(Address(f"bolt://127.0.0.1:{silent.getsockname()[1]}"))


def test_a_start_while_the_server_is_killed_recovers(
    files: ServerFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = lifecycle.ensure_running()
    with Connection.open(before.address) as connection:
        connection.run("server/create_mark", mark="kept")
    # What is being killed may still accept connections, and so does what is suspended; neither answers.
    monkeypatch.setattr(ports, "_SECONDS", 0.2)
    killed = psutil.Process(before.pid)
    killed.suspend()
    threading.Timer(1, killed.kill).start()
    after = lifecycle.ensure_running()
    assert after.started
    assert (after.uri, after.data) == (before.uri, before.data), "a restart moves nothing"
    with Connection.open(after.address) as connection:
        assert connection.run("server/count_nodes") == [{"nodes": 1}]


def test_stop_ends_the_server_cleanly(files: ServerFiles) -> None:
    running = lifecycle.ensure_running()
    ending = psutil.Process(running.pid)
    assert cli("stop") == {"stopped": True}
    assert not process.alive(ending)
    assert cli("stop") == {"stopped": False}
    assert cli("status")["state"] == "stopped"
    assert "Stopped." in cli("logs")["lines"][-1]


def test_a_chosen_port_that_is_taken_is_named(files: ServerFiles) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        run = subprocess.run(
            [*COMMAND, "start", "--bolt-port", port], capture_output=True, text=True, check=False
        )
    assert run.returncode == 1
    assert f"{port} is taken" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_port_taken_before_neo4j_binds_it_is_replaced(
    files: ServerFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Two servers that start at once may find the same port free.
    picked: list[Ports] = []

    def pick_once_badly(last: Ports | None, chosen: tuple[int | None, int | None]) -> Ports:
        picked.append(pick(last, chosen) if picked else clash)
        return picked[-1]

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        clash = Ports(any_free(), taken.getsockname()[1])
        monkeypatch.setattr(lifecycle, "pick", pick_once_badly)
        running = lifecycle.start()
    lifecycle.stop()
    assert len(picked) == 2
    assert (running.uri, running.http) == (picked[1].uri, picked[1].browser)


def test_a_failed_start_shows_the_log_and_the_reason(
    files: ServerFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KGREC_HEAP", "1m")
    with pytest.raises(ServerError, match=r"KGREC_HEAP is too small[\s\S]*heap"):
        lifecycle.start()
    assert lifecycle.status().state == "stopped"


def test_an_interrupted_start_leaves_no_process(files: ServerFiles) -> None:
    before = read_json(files.record)["pid"]
    starting = subprocess.Popen([*COMMAND, "start"], stderr=subprocess.PIPE, text=True)
    _until(lambda: read_json(files.record).get("pid", before) != before)
    starting.send_signal(signal.SIGINT)
    _, messages = starting.communicate(timeout=120)
    # Python ends itself by the signal where it came amid code that an import compiles, whatever caught it since.
    assert starting.returncode in (1, -signal.SIGINT), messages
    assert "Interrupted" in messages
    assert process.find(files) is None


def test_a_killed_start_is_finished_by_the_next(files: ServerFiles) -> None:
    starting = subprocess.Popen([*COMMAND, "start"], stderr=subprocess.DEVNULL)
    _until(lambda: process.find(files) is not None)
    left = process.find(files)
    starting.kill()
    starting.wait()
    assert cli("status")["state"] == "starting"
    running = lifecycle.ensure_running()
    assert left is not None
    assert running.pid == left.pid
    with Connection.open(running.address) as connection:
        assert connection.run("server/count_nodes") == [{"nodes": 1}]


def test_a_killed_server_is_stopped(files: ServerFiles) -> None:
    psutil.Process(lifecycle.ensure_running().pid).kill()
    _until(lambda: process.find(files) is None)
    assert cli("status")["state"] == "stopped"


def _until(condition: object, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]  # any callable
        assert time.monotonic() < deadline
        time.sleep(0.05)
