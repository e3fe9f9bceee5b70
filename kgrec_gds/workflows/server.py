"""The commands `server install|start|stop|status|logs`: the managed Neo4j."""

from dataclasses import dataclass
from pathlib import Path

from kgrec_gds.server.installation import Installation, install
from kgrec_gds.server.lifecycle import start as start_installed
from kgrec_gds.server.lifecycle import status, stop
from kgrec_gds.server.memory import Memory
from kgrec_gds.server.process import log_lines
from kgrec_gds.server.server_files import DataFolders, ServerFiles
from kgrec_gds.server.server_state import RunningServer, ServerStatus

__all__ = ["Installation", "ServerLog", "ServerStatus", "install", "logs", "start", "status", "stop"]


@dataclass(frozen=True)
class ServerLog:
    """The last lines of a log."""

    path: Path
    lines: list[str]


def start(
    *,
    bolt_port: int | None = None,
    http_port: int | None = None,
    heap: str | None = None,
    page_cache: str | None = None,
) -> RunningServer:
    """Install the server if necessary, start it, and wait until it is ready.

    `heap` and `page_cache` are sizes such as `2g`; by default those that `Memory.choose` says.

    Raises:
        InputError: invalid size.
        ServerError: it cannot be installed or started, or a port is taken.
    """
    memory = None
    if heap or page_cache:
        memory = Memory.choose(DataFolders().current(), heap=heap, page_cache=page_cache)
    install()
    return start_installed(bolt_port=bolt_port, http_port=http_port, memory=memory)


def logs(lines: int = 50, *, debug: bool = False) -> ServerLog:
    """The last lines of Neo4j's output, or of its detailed log."""
    files = ServerFiles()
    path = files.logs / "debug.log" if debug else files.console
    return ServerLog(path, log_lines(path)[-lines:])
