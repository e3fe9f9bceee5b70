"""What a killed process leaves behind is known by its owner: machine, process id and start time."""

import contextlib
import platform
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil

from kgrec_gds import home

_START_FIELD = 22  # of /proc/PID/stat, see proc(5)


def started_at(process_id: int) -> str | None:
    """When a process started, in the kernel's own count, which no change of the clock moves; None if there is no process."""
    stat = Path(f"/proc/{process_id}/stat")
    try:
        if stat.is_file():
            # The second field is the name, in parentheses, and may hold anything.
            return stat.read_text("utf-8", "replace").rpartition(")")[2].split()[_START_FIELD - 3]
        return str(int(psutil.Process(process_id).create_time()))
    except (OSError, psutil.Error):
        return None


def owner() -> str:
    """This process, as a part of names: `machine.id.start`."""
    own = psutil.Process().pid
    return f"{_machine()}.{own}.{started_at(own)}"


def is_abandoned(name: str) -> bool:
    """Whether the owner in a name that `owner` went into was a process of this machine, and has ended."""
    found = re.search(r"(\w+)\.(\d+)\.(\d+)(?!\d)", name)
    if found is None or found[1] != _machine():
        return False
    return started_at(int(found[2])) != found[3]


@contextlib.contextmanager
def temporary_folder(purpose: str) -> Iterator[Path]:
    """A folder in the tool's home for as long as the block runs; those of processes that were killed are removed first."""
    root = home.home() / "tmp"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in root.iterdir():
        if is_abandoned(path.name):
            shutil.rmtree(path, ignore_errors=True)
    folder = root / f"{purpose}-{owner()}-{secrets.token_hex(3)}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _machine() -> str:
    return re.sub(r"\W", "_", platform.node()) or "unknown"
