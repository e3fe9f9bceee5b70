"""Wait for a server that was just started, or say why it will not come."""

import math
import os
import re
import time
from contextlib import suppress

import psutil
from neo4j.exceptions import DriverError, Neo4jError

from kgrec_gds.database.connection import Address, Connection
from kgrec_gds.errors import (
    ConnectionFailedError,
    CredentialsRefusedError,
    GdsAbsentError,
    InputError,
    ServerError,
)
from kgrec_gds.server import credentials
from kgrec_gds.server.ports import Ports
from kgrec_gds.server.process import alive, log_lines
from kgrec_gds.server.server_files import ServerFiles

SECONDS_VARIABLE = "KGREC_START_SECONDS"
SECONDS = 600  # two cores under a load of 30 took 170 s; a server that died is noticed at once
_PAUSE_SECONDS = 0.25
_SHOWN = 15  # lines of the log that an error shows
_STACK_FRAME = re.compile(r"\s+(at |\.\.\. \d)")
_REASONS = {
    "already in use": "a port is taken by another program",
    "could not reserve enough space": "the machine has too little memory for its heap; set KGREC_HEAP lower",
    "cannot allocate memory": "the machine has too little memory for its heap; set KGREC_HEAP lower",
    "outofmemoryerror": "its heap is too small; set KGREC_HEAP higher",
    "initial heap size set to a larger value": "KGREC_HEAP is too small; set it to 512m or more",
    "too small maximum heap": "KGREC_HEAP is too small; set it to 512m or more",
    "invalid maximum heap size": "KGREC_HEAP is no size that Java takes",
    "lock file has been locked": "another server uses the same data directory",
    "no space left on device": "the disk is full",
    "unsupportedclassversionerror": "its Java is too old",
}


class PortTakenError(ServerError):
    """Neo4j could not listen where it should."""


def seconds_allowed() -> float:
    """How long a start may take: `KGREC_START_SECONDS`, or 600.

    Raises:
        InputError: the value is no number of seconds.
    """
    value = os.environ.get(SECONDS_VARIABLE) or str(SECONDS)
    with suppress(ValueError):
        if 0 < float(value) < math.inf:
            return float(value)
    raise InputError(
        f"{SECONDS_VARIABLE} should be a number of seconds above 0, such as 600; it is {value!r}."
    )


def wait(files: ServerFiles, process: psutil.Process, ports: Ports) -> dict[str, str]:
    """Wait until Bolt answers, our password is set, and GDS tells its version.

    Returns:
        Versions of `neo4j` and `gds`.

    Raises:
        PortTakenError: the server ended because it could not listen.
        ServerError: it ended for another reason, did not answer in time, or has no GDS.
    """
    limit = seconds_allowed()
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        if not alive(process):
            raise _failure(files, "Neo4j ended while it started")
        if _listens(process, ports):
            try:
                return _ask(files, ports)
            except (CredentialsRefusedError, GdsAbsentError):
                raise
            except (Neo4jError, DriverError, ConnectionFailedError, OSError):
                pass  # Bolt opens before the database does
        time.sleep(_PAUSE_SECONDS)
    raise _failure(files, f"Neo4j did not answer within {limit:.0f} s ({SECONDS_VARIABLE} sets the limit)")


def _listens(process: psutil.Process, ports: Ports) -> bool:
    # Asked of the process and not of the port: another program may answer there.
    with suppress(psutil.Error):
        connections = process.net_connections(kind="tcp")
        listening = {it.laddr.port for it in connections if it.status == psutil.CONN_LISTEN}
        return {ports.bolt, ports.http} <= listening
    return False


def _ask(files: ServerFiles, ports: Ports) -> dict[str, str]:
    uri = ports.uri
    password = credentials.password(files)
    credentials.set_password(uri, password, files.password)
    with Connection.open(Address(uri, credentials.USERNAME, password)) as graph:
        kernel = next(row for row in graph.run("server/components") if row["name"] == "Neo4j Kernel")
        return {"neo4j": str(kernel["versions"][0]), "gds": graph.gds_version}


def _failure(files: ServerFiles, what: str) -> ServerError:
    # A start that fails tells why once, long before its end, among some hundred stack frames.
    lines = [line for line in log_lines(files.console) if not _STACK_FRAME.match(line)]
    text = "\n".join(lines).lower()
    reason = next((reason for mark, reason in _REASONS.items() if mark in text), "")
    kind = PortTakenError if "already in use" in text else ServerError
    shown = "\n".join(f"  {line}" for line in lines[-_SHOWN:]) or "  (nothing)"
    return kind(f"{what}{': ' + reason if reason else ''}. The last lines of {files.console}:\n{shown}")
