"""Run Neo4j's admin tool (`database import full`, `database info`, …) on a data directory."""

import contextlib
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from kgrec_gds.errors import ServerError
from kgrec_gds.exhausted import require_address_space
from kgrec_gds.server import java, neo4j_config, process
from kgrec_gds.server.memory import Memory
from kgrec_gds.server.ports import Ports
from kgrec_gds.server.server_files import ServerFiles


@dataclass(frozen=True)
class AdminResult:
    """Exit code and output of the admin tool."""

    exit_code: int
    output: str
    """Standard output and standard error."""


def admin(
    arguments: list[str],
    files: ServerFiles,
    data: Path,
    *,
    memory: Memory | None = None,
    on_line: Callable[[str], None] | None = None,
) -> AdminResult:
    """Run the admin tool on a data directory that no server uses, and wait for it.

    `arguments` are those after `neo4j-admin`. The configuration of the instance is overwritten. An interrupt ends the tool
    too; if we are killed it continues, and `end_leftovers` ends it later.

    Raises:
        ServerError: the instance's server is running.
    """
    files.make()
    if process.find(files) is not None:
        raise ServerError(
            f"The admin tool requires the server {files.instance!r} to be stopped, but it is running. Stop it first."
        )
    require_address_space("neo4j-admin")
    files.empty_temporary()
    memory = memory or Memory.choose()
    neo4j_config.write(files, data, Ports(0, 0), memory)
    command = neo4j_config.admin_command(files, java.find(), memory, arguments)
    lines = []
    with subprocess.Popen(  # noqa: S603 - a fixed command line, without a shell
        command,
        env=neo4j_config.admin_environment(files),
        cwd=files.root,
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
    """End the admin tools and the server that a killed caller left behind, and return the number of processes."""
    left = process.find_admin(files)
    if (server := process.find(files)) is not None:
        left.append(server)
    for found in left:
        # Their results are discarded, so they need not stop cleanly.
        with contextlib.suppress(psutil.Error):
            found.kill()
        process.end(found)
    return len(left)
