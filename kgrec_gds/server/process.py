"""Find, start and end the operating-system processes of an instance."""

import contextlib
import itertools
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from kgrec_gds.server.server_files import ServerFiles, read_json

STOP_SECONDS = 90
KILL_SECONDS = 20
_PAUSE_SECONDS = 0.05


def find(files: ServerFiles) -> psutil.Process | None:
    """The instance's running server, whoever started it.

    It is recognized by the configuration folder in its command line. The recorded process id is only a hint: after a
    crash another program may have it, and a killed start has recorded none.
    """
    recorded = read_json(files.record).get("pid")
    if isinstance(recorded, int):
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(recorded)
            if _is_ours(process, files):
                return process
    psutil.process_iter.cache_clear()  # it does not notice that another process has the id of an ended one
    return next((process for process in psutil.process_iter() if _is_ours(process, files)), None)


def find_admin(files: ServerFiles) -> list[psutil.Process]:
    """The instance's running admin tools, e.g. of a caller that was killed."""
    found = []
    psutil.process_iter.cache_clear()
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get("NEO4J_CONF") == str(files.conf) and alive(process):
                found.append(process)
    return found


def _is_ours(process: psutil.Process, files: ServerFiles) -> bool:
    with contextlib.suppress(psutil.Error):
        return ("--config-dir", str(files.conf)) in itertools.pairwise(process.cmdline()) and alive(process)
    return False


def launch(
    command: list[str],
    output: Path,
    *,
    folder: Path | None = None,
    environment: dict[str, str] | None = None,
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
def ended_on_failure(process: psutil.Process) -> Iterator[None]:
    """End the process if the block fails or is interrupted."""
    try:
        yield
    except BaseException:
        end(process)
        raise


def log_lines(path: Path) -> list[str]:
    """The lines of a log; empty if it does not exist."""
    if not path.is_file():
        return []
    return path.read_text(encoding="utf-8", errors="replace").splitlines()
