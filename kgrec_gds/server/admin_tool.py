"""Neo4j's admin tool (`database import full`, `database info`, …) on one data directory."""

import contextlib
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from kgrec_gds.errors import ServerError
from kgrec_gds.server import java, process
from kgrec_gds.server import neo4j_config as config
from kgrec_gds.server.neo4j_config import Memory
from kgrec_gds.server.ports import Ports
from kgrec_gds.server.server_files import ServerFiles


@dataclass(frozen=True)
class AdminResult:
    """How a run of the admin tool ended."""

    exit_code: int
    output: str
    """Standard output and error together."""


def admin(
    arguments: list[str],
    files: ServerFiles,
    data: Path,
    *,
    memory: Memory | None = None,
    on_line: Callable[[str], None] | None = None,
) -> AdminResult:
    """Run the admin tool on a data directory that no server uses, and wait for it.

    Where we are interrupted it is ended; where we are killed it goes on, and `end_leftovers` finds it.

    Args:
        arguments: as after `neo4j-admin`, such as `["database", "import", "full", "neo4j", …]`.
        files: an instance other than the serving one, because its configuration is written anew.
        data: the data directory to work on.
        memory: heap and page cache; by default from the environment.
        on_line: called with each line of output as it comes.

    Raises:
        ServerError: the instance's server runs.
    """
    files.make()
    if process.find(files) is not None:
        raise ServerError(
            f"The admin tool needs the server {files.instance!r} to be stopped, and it runs. Stop it first."
        )
    memory = memory or Memory.from_environment()
    config.write(files, data, Ports(0, 0), memory)
    command = config.admin_command(files, java.find(), memory, arguments)
    lines = []
    with subprocess.Popen(  # noqa: S603 - our own command line, no shell
        command,
        env=config.admin_environment(files),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as started:
        assert started.stdout is not None
        try:
            for line in started.stdout:
                lines.append(line)
                if on_line is not None:
                    on_line(line.rstrip("\n"))
        except BaseException:
            started.kill()
            raise
    return AdminResult(started.returncode, "".join(lines))


def end_leftovers(files: ServerFiles) -> int:
    """End what a killed caller left behind of an instance: admin tools and the server.

    Returns:
        How many processes there were.
    """
    left = process.find_admin(files)
    if (server := process.find(files)) is not None:
        left.append(server)
    for found in left:
        # What they were making is thrown away, so nothing is lost by not asking.
        with contextlib.suppress(psutil.Error):
            found.kill()
        process.end(found)
    return len(left)
