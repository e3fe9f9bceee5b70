"""Start and stop the managed server, and report its status."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import psutil

from kgrec_gds.errors import ServerError
from kgrec_gds.exhausted import require_address_space
from kgrec_gds.leftovers import started_at
from kgrec_gds.progress import say, spinner
from kgrec_gds.server import credentials, java, neo4j_config, process, readiness
from kgrec_gds.server.installation import install, is_installed
from kgrec_gds.server.memory import Memory, size_in_bytes
from kgrec_gds.server.ports import Ports, pick, speaks_bolt
from kgrec_gds.server.server_files import MAIN, DataFolders, ServerFiles, read_json, write_text
from kgrec_gds.server.server_state import RunningServer, ServerStatus, ServerVersions, State

#: A free port can be taken before Neo4j binds it; then others are tried.
_PORT_ATTEMPTS = 3


def ensure_running(files: ServerFiles | None = None) -> RunningServer:
    """The managed server, installed and started if necessary.

    Raises:
        ServerError: it could not be installed or started.
    """
    files = files or ServerFiles()
    if (running := _running(files)) is not None:
        return running
    install(files)
    return start(files)


def start(
    files: ServerFiles | None = None,
    *,
    data: Path | None = None,
    bolt_port: int | None = None,
    http_port: int | None = None,
    memory: Memory | None = None,
) -> RunningServer:
    """Start an installed server and wait until it is ready; if it is running, do nothing.

    By default it serves the current data directory, on the ports of its last start, else on 7687 and 7474, or else on
    free ones, with the memory that `Memory.choose` says.

    Raises:
        ServerError: it is not installed, a chosen port is taken, or Neo4j failed to start.
    """
    files = files or ServerFiles()
    if not is_installed(files):
        raise ServerError("The server is not installed. Run `kgrec-gds server install` first.")
    files.make()
    with files.lock():
        return _start(files, data, (bolt_port, http_port), memory)


def stop(files: ServerFiles | None = None) -> bool:
    """Stop the instance's server, even if it is still starting or its starter was killed; false if there was none."""
    files = files or ServerFiles()
    if not files.root.is_dir():
        return False
    with files.lock():
        return _stop(files)


def swap(
    data: Path, verify: Callable[[RunningServer], None] | None = None, files: ServerFiles | None = None
) -> RunningServer:
    """Restart the main server on `data`, on its usual ports, and make it the current data directory if `verify` passes.

    The main server cannot be started by others in between. The old directory is kept until `DataFolders.remove_others`; a
    killed swap leaves a server on data that is not current, which the next start ends.

    Raises:
        ServerError: the server did not start on the new data. It runs on the old data again, if it did before.
    """
    files = files or ServerFiles()
    folders = DataFolders(files)
    with files.lock():
        old, ran = folders.current(), _stop(files)
        try:
            running = _start(files, data, (None, None), None)
            if verify is not None:
                verify(running)
            folders.switch(data)
        except BaseException:
            _stop(files)
            if ran:
                _start(files, old, (None, None), None)
            raise
    return running


def end_unverified(files: ServerFiles | None = None) -> None:
    """End the main server if a killed `swap` left it on data that is not current."""
    files = files or ServerFiles()
    with files.lock():
        if not _on_current_data(files, read_json(files.record)):
            _stop(files)


def restart(memory: Memory, files: ServerFiles | None = None) -> RunningServer:
    """Restart the server on the same data and ports with other memory.

    Raises:
        ServerError: it did not start again.
    """
    files = files or ServerFiles()
    with files.lock():
        _stop(files)
        return _start(files, None, (None, None), memory)


def running_memory(files: ServerFiles | None = None) -> Memory | None:
    """Memory of the running server; None where none runs, or one of an earlier version."""
    files = files or ServerFiles()
    if _running(files) is None:
        return None
    memory = read_json(files.record).get("memory")
    return Memory(**memory) if memory else None


def status(files: ServerFiles | None = None) -> ServerStatus:
    """State of the server, without connecting to it."""
    files = files or ServerFiles()
    found = process.find(files)
    record = read_json(files.record)
    ports = Ports.of_record(record)
    state: State = "stopped" if is_installed(files) else "not installed"
    if found is not None:
        state = "running" if _is_ready(files, found, record) else "starting"
    shown = ports if found is not None else None
    return ServerStatus(
        state=state,
        uri=shown.uri if shown else None,
        http=shown.browser if shown else None,
        username=credentials.USERNAME,
        password_file=str(files.password),
        versions=ServerVersions(**record.get("versions", {})),
        pid=found.pid if found else None,
        folder=str(files.root),
        logs=str(files.logs),
    )


def _running(files: ServerFiles) -> RunningServer | None:
    found = process.find(files)
    record = read_json(files.record)
    ports = Ports.of_record(record)
    if found is None or ports is None or not _is_ready(files, found, record):
        return None
    return _describe(files, record, ports, started=False)


def _is_ready(files: ServerFiles, found: psutil.Process, record: dict) -> bool:
    """Whether a process has started, answers, and serves what it should."""
    ports = Ports.of_record(record)
    answering = ports is not None and record.get("ready") == found.pid and speaks_bolt(ports.bolt)
    return answering and _on_current_data(files, record)


def _on_current_data(files: ServerFiles, record: dict) -> bool:
    """Whether a server serves what it should: another instance any data, the main one the current data directory."""
    return files.instance != MAIN or record.get("data") == str(DataFolders(files).current())


def _describe(files: ServerFiles, record: dict, ports: Ports, *, started: bool) -> RunningServer:
    return RunningServer(
        uri=ports.uri,
        http=ports.browser,
        username=credentials.USERNAME,
        password_file=str(files.password),
        pid=record["pid"],
        versions=ServerVersions(**record["versions"]),
        data=record["data"],
        started=started,
    )


def _start(
    files: ServerFiles, data: Path | None, chosen: tuple[int | None, int | None], memory: Memory | None
) -> RunningServer:
    if (running := _running(files)) is not None:
        _refuse_other_ports(running, chosen)
        _refuse_other_memory(files, memory)
        if data is not None and str(data) != running.data:
            raise ServerError(
                f"The server {files.instance!r} is already running, on {running.data}. Stop it first."
            )
        return running
    readiness.seconds_allowed()  # refuse an invalid value before anything is launched
    data = data or DataFolders(files).current()
    memory = memory or Memory.choose(data)
    found = process.find(files)
    record = read_json(files.record)
    ports = Ports.of_record(record)
    if found is not None and ports is not None and record.get("data") == str(data):
        say("The server is already starting; waiting for it …")
        try:
            return _wait(files, found, ports)
        except ServerError:
            if process.alive(found):
                raise
        # It was being killed, or ended for a reason that the next start will tell.
    elif found is not None:
        # Its ports are unknown, or a killed import left it on data that is not current: end it.
        process.end(found)
    for attempt in range(_PORT_ATTEMPTS):
        # After a clash, choose new ports: port 0 is never free.
        last = Ports.of_record(read_json(files.record)) if attempt == 0 else Ports(0, 0)
        ports = pick(last, chosen)
        try:
            return _launch(files, data, ports, memory)
        except readiness.PortTakenError:
            if None not in chosen or attempt == _PORT_ATTEMPTS - 1:
                raise
    raise AssertionError  # the loop returns or raises


def _launch(files: ServerFiles, data: Path, ports: Ports, memory: Memory) -> RunningServer:
    require_address_space("the server")
    runtime = java.find()
    files.empty_temporary()
    credentials.set_initial_password(files, data)
    neo4j_config.write(files, data, ports, memory)
    record = {"bolt": ports.bolt, "http": ports.http, "data": str(data), "memory": asdict(memory)}
    # Record the ports first: if we are killed now, the next start knows where this one listens.
    write_text(files.record, json.dumps(record))
    with process.ended_on_failure(files):
        found = process.launch(
            neo4j_config.server_command(files, runtime, memory),
            files.console,
            folder=files.root,
            environment=neo4j_config.server_environment(),
        )
        write_text(files.record, json.dumps(record | {"pid": found.pid, "started": started_at(found.pid)}))
        return _wait(files, found, ports)


def _wait(files: ServerFiles, found: psutil.Process, ports: Ports) -> RunningServer:
    began = time.monotonic()
    with spinner(f"Starting Neo4j on {ports.uri} …"):
        versions = readiness.wait(files, found, ports)
    versions["java"] = java.find().version
    process_id = {"pid": found.pid, "started": started_at(found.pid), "ready": found.pid}
    record = read_json(files.record) | process_id | {"versions": versions}
    write_text(files.record, json.dumps(record))
    if files.instance == MAIN:
        say(f"Neo4j is ready on {ports.uri} after {time.monotonic() - began:.0f} s.")
    return _describe(files, record, ports, started=True)


def _stop(files: ServerFiles) -> bool:
    found = process.find(files)
    if found is None:
        return False
    if not process.end(found):
        say("Neo4j did not stop in time and was killed. It will recover at its next start.")
    return True


def _refuse_other_ports(running: RunningServer, chosen: tuple[int | None, int | None]) -> None:
    ports = (int(running.uri.rsplit(":", 1)[1]), int(running.http.rsplit(":", 1)[1]))
    if any(wanted not in (None, port) for wanted, port in zip(chosen, ports, strict=True)):
        raise ServerError(
            f"The server is already running, on ports {ports[0]} (Bolt) and {ports[1]} (HTTP). To change them, stop it first: "
            "kgrec-gds server stop."
        )


def _refuse_other_memory(files: ServerFiles, wanted: Memory | None) -> None:
    has = running_memory(files)
    if wanted is None or has is None or not wanted.given:
        return
    if size_in_bytes(wanted.heap) != size_in_bytes(has.heap) or wanted.page_cache != has.page_cache:
        raise ServerError(
            f"The server is already running, with a heap of {has.heap} and a page cache of {has.page_cache}. To change them, "
            "stop it first: kgrec-gds server stop."
        )
