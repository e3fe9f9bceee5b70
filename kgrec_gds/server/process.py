"""Find, start and end the operating-system processes of an instance."""

import contextlib
import itertools
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from kgrec_gds.leftovers import started_at
from kgrec_gds.server import neo4j_config
from kgrec_gds.server.server_files import ServerFiles, read_json

STOP_SECONDS = 90
KILL_SECONDS = 20
_PAUSE_SECONDS = 0.05


def find(files: ServerFiles) -> psutil.Process | None:
    """The instance's running server, whoever started it.

    It is the recorded process if that still has the recorded start time, or else, since a killed start has recorded none,
    the Neo4j whose command line names the instance's configuration.
    """
    record = read_json(files.record)
    recorded = record.get("pid")
    if isinstance(recorded, int):
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(recorded)
            same = started_at(recorded) == record.get("started")
            if alive(process) and (same or _is_server(process, files)):
                return process
    return next((process for process in _processes() if _is_server(process, files)), None)


def find_admin(files: ServerFiles) -> list[psutil.Process]:
    """The instance's running admin tools, e.g. of a caller that was killed."""
    return [
        process
        for process in _processes()
        if {neo4j_config.ADMIN_CLASS, neo4j_config.instance_mark(files)} <= set(_command(process))
    ]


def _processes() -> Iterator[psutil.Process]:
    psutil.process_iter.cache_clear()  # it does not notice that another process has the id of an ended one
    return psutil.process_iter()


def _is_server(process: psutil.Process, files: ServerFiles) -> bool:
    command = _command(process)
    return neo4j_config.MAIN_CLASS in command and (
        ("--config-dir", str(files.conf)) in itertools.pairwise(command)
    )


def _command(process: psutil.Process) -> list[str]:
    """The command line of a living process, else nothing."""
    with contextlib.suppress(psutil.Error):
        return process.cmdline() if alive(process) else []
    return []


def launch(
    command: list[str], output: Path, *, folder: Path | None = None, environment: dict[str, str] | None = None
) -> psutil.Process:
    """Start a process detached from our terminal and signals, with its output in a new file."""
    with output.open("wb") as file:
        started = subprocess.Popen(  # noqa: S603 - a fixed command line, without a shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=environment,
            start_new_session=True,
        )
    return psutil.Process(started.pid)


def end(process: psutil.Process, seconds: float = STOP_SECONDS) -> bool:
    """Ask a process to stop, and kill it if it does not within `seconds`; true if it stopped by itself."""
    with contextlib.suppress(psutil.Error):
        process.terminate()
    if _gone(process, seconds):
        return True
    with contextlib.suppress(psutil.Error):
        process.kill()
    _gone(process, KILL_SECONDS)
    return False


def alive(process: psutil.Process) -> bool:
    """Whether a process runs; zombies do not."""
    with contextlib.suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def _gone(process: psutil.Process, seconds: float) -> bool:
    # `process.wait` would also wait until the program that started the server reaps it.
    deadline = time.monotonic() + seconds
    while alive(process):
        if time.monotonic() > deadline:
            return False
        time.sleep(_PAUSE_SECONDS)
    return True


@contextlib.contextmanager
def ended_on_failure(files: ServerFiles) -> Iterator[None]:
    """End the instance's server if the block, which may launch it, fails or is interrupted."""
    try:
        yield
    except BaseException:
        if (process := find(files)) is not None:
            end(process)
        raise


def log_lines(path: Path) -> list[str]:
    """The lines of a log; empty if it does not exist."""
    if not path.is_file():
        return []
    return path.read_text(encoding="utf-8", errors="replace").splitlines()
