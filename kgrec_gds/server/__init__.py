"""The managed server: Neo4j with GDS on the loopback interface.

Most callers need only `ensure_running()`. `ServerFiles`, `DataFolders`, `admin` and `swap` serve the import, which loads
into a fresh data directory and then swaps it in.
"""

from kgrec_gds.server.admin_tool import AdminResult, admin, end_leftovers
from kgrec_gds.server.installation import Installation, install
from kgrec_gds.server.lifecycle import (
    RunningServer,
    ServerStatus,
    ServerVersions,
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
    "Installation",
    "Memory",
    "RunningServer",
    "ServerFiles",
    "ServerStatus",
    "ServerVersions",
    "admin",
    "end_leftovers",
    "ensure_running",
    "install",
    "start",
    "status",
    "stop",
    "swap",
]
