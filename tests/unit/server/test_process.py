import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from kgrec_gds.leftovers import started_at
from kgrec_gds.server import admin_tool, lifecycle, neo4j_config, ports, process, readiness
from kgrec_gds.server.server_files import ServerFiles, write_text

SLEEP = "import time; time.sleep(60)"


@pytest.fixture
def files(tmp_path: Path) -> ServerFiles:
    files = ServerFiles(tmp_path / "server")
    files.make()
    return files


@pytest.fixture
def stand_in(files: ServerFiles) -> Iterator[psutil.Process]:
    """A process whose command line is that of the instance's server."""
    command = [sys.executable, "-c", SLEEP, neo4j_config.MAIN_CLASS, "--config-dir", str(files.conf)]
    started = process.launch(command, files.console)
    yield started
    process.end(started)


def test_a_reused_process_id_is_not_our_server(files: ServerFiles) -> None:
    write_text(files.record, f'{{"pid": {os.getpid()}, "ready": {os.getpid()}, "bolt": 1, "http": 2}}')
    assert process.find(files) is None
    assert lifecycle.status(files).state == "not installed"
    write_text(files.stamp, "{}")
    status = lifecycle.status(files)
    assert (status.state, status.uri, status.pid) == ("stopped", None, None)


def test_a_server_without_a_record_is_found(files: ServerFiles, stand_in: psutil.Process) -> None:
    assert process.find(files) == stand_in
    assert process.find(ServerFiles(files.root, "import")) is None


def test_a_server_that_does_not_answer_is_starting(files: ServerFiles, stand_in: psutil.Process) -> None:
    write_text(files.record, f'{{"bolt": {ports.any_free()}, "http": 2}}')
    status = lifecycle.status(files)
    assert (status.state, status.pid) == ("starting", stand_in.pid)


def test_stop_ends_the_server(files: ServerFiles, stand_in: psutil.Process) -> None:
    assert lifecycle.stop(files)
    assert not process.alive(stand_in)
    assert not lifecycle.stop(files)


def test_a_process_that_does_not_stop_is_killed(files: ServerFiles) -> None:
    stubborn = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); {SLEEP}"
    started = process.launch([sys.executable, "-c", stubborn], files.console)
    while not files.console.read_text():
        pass
    assert not process.end(started, seconds=0.2)
    assert not process.alive(started)


def test_an_interrupt_ends_the_started_process(files: ServerFiles, stand_in: psutil.Process) -> None:
    with pytest.raises(KeyboardInterrupt), process.ended_on_failure(files):
        raise KeyboardInterrupt
    assert process.find(files) is None


def test_admin_tools_are_found_by_their_command_line(files: ServerFiles) -> None:
    command = [sys.executable, "-c", SLEEP, neo4j_config.instance_mark(files), neo4j_config.ADMIN_CLASS]
    with subprocess.Popen(command) as started:
        assert [found.pid for found in process.find_admin(files)] == [started.pid]
        assert process.find_admin(ServerFiles(files.root, "import")) == []
        started.kill()


@pytest.mark.parametrize("arguments", [["-c", SLEEP], ["-c", SLEEP, neo4j_config.ADMIN_CLASS]])
def test_a_program_with_the_same_environment_is_left_alone(files: ServerFiles, arguments: list[str]) -> None:
    environment = neo4j_config.admin_environment(files)
    with subprocess.Popen([sys.executable, *arguments], env=environment) as started:
        assert process.find_admin(files) == []
        assert admin_tool.end_leftovers(files) == 0
        assert process.alive(psutil.Process(started.pid))
        started.kill()


def test_a_program_that_names_the_configuration_is_not_our_server(files: ServerFiles) -> None:
    with subprocess.Popen([sys.executable, "-c", SLEEP, "--config-dir", str(files.conf)]) as started:
        assert process.find(files) is None
        started.kill()


def test_a_recorded_process_needs_its_start_time(files: ServerFiles) -> None:
    with subprocess.Popen([sys.executable, "-c", SLEEP]) as started:
        record = {"pid": started.pid, "started": started_at(started.pid)}
        write_text(files.record, json.dumps(record))
        assert process.find(files) == psutil.Process(started.pid)
        for other in (None, "1"):
            write_text(files.record, json.dumps(record | {"started": other}))
            assert process.find(files) is None
        started.kill()


def test_the_temporary_folder_is_emptied_before_a_start(files: ServerFiles) -> None:
    files.make()
    files.empty_temporary()
    (files.temporary / "libnetty.so").touch()
    files.empty_temporary()
    assert list(files.temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("line", "kind", "reason"),
    [
        ("java.net.BindException: Address already in use", readiness.PortTakenError, "a port is taken"),
        ("Error: Could not reserve enough space for object heap", readiness.ServerError, "KGREC_HEAP lower"),
        ("java.lang.OutOfMemoryError: Java heap space", readiness.ServerError, "KGREC_HEAP higher"),
        ("something else", readiness.ServerError, "something else"),
    ],
)
def test_a_failed_start_shows_the_log_and_why(
    files: ServerFiles, line: str, kind: type[Exception], reason: str
) -> None:
    frames = "".join(f"\tat java.base/Main.run(Main.java:{i})\n" for i in range(100)) + "\t... 9 more\n"
    files.console.write_text("".join(f"line {i}\n" for i in range(100)) + line + "\n" + frames)
    gone = process.launch([sys.executable, "-c", ""], files.logs / "other.log")
    gone.wait()
    with pytest.raises(kind, match=reason) as caught:
        readiness.wait(files, gone, ports.Ports(1, 2))
    assert line in str(caught.value)
    assert "line 99" in str(caught.value)
    assert "line 50\n" not in str(caught.value)
    assert "Main.java" not in str(caught.value)


def test_the_reason_of_a_failed_start_is_found_early_in_the_log(files: ServerFiles) -> None:
    after = "".join(f"line {i}\n" for i in range(100))
    files.console.write_text(f"Address 127.0.0.1:7474 is already in use\n{after}")
    gone = process.launch([sys.executable, "-c", ""], files.logs / "other.log")
    gone.wait()
    with pytest.raises(readiness.PortTakenError, match="a port is taken"):
        readiness.wait(files, gone, ports.Ports(1, 2))
