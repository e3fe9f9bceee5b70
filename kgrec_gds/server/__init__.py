"""The managed server: a real Neo4j with GDS on the loopback, installed, started and stopped by us.

`ensure_running()` is what other rooms need; `ServerFiles`, `DataFolders`, `admin` and `swap` are for the import,
which loads into a fresh data directory beside the serving one and then swaps it in.
"""

from kgrec_gds.server.admin_tool import AdminResult, admin, end_leftovers
from kgrec_gds.server.installation import Installed, install
from kgrec_gds.server.lifecycle import (
    RunningServer,
    Status,
    Versions,
    ensure_running,
    start,
    status,
    stop,
    swap,
)
from kgrec_gds.server.neo4j_config import Memory
from kgrec_gds.server.server_files import DataFolders, ServerFiles

__all__ = [
    "AdminResult",
    "DataFolders",
    "Installed",
    "Memory",
    "RunningServer",
    "ServerFiles",
    "Status",
    "Versions",
    "admin",
    "end_leftovers",
    "ensure_running",
    "install",
    "start",
    "status",
    "stop",
    "swap",
]
