"""Wait until a started server is ready, and explain why it failed to start."""

import math
import os
import re
import shutil
import time
from contextlib import suppress
from pathlib import Path

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
from kgrec_gds.server.server_files import ServerFiles, read_json

SECONDS_VARIABLE = "KGREC_START_SECONDS"
SECONDS = 600  # a busy machine took 170 s; a server that ends is noticed at once
_PAUSE_SECONDS = 0.25
_SHOWN = 15  # lines of the log that an error shows
_STACK_FRAME = re.compile(r"\s+(at |\.\.\. \d)")
_FULL = "the disk is full"
#: With less free space a server cannot even write its log.
_LEAST_FREE = 1_000_000
#: What a server that stays alive does not recover from.
_FATAL = ("no space left on device", "outofmemoryerror")
_REASONS = {
    "already in use": "a port is taken by another program",
    "could not reserve enough space": "the machine has too little memory for the heap; set KGREC_HEAP lower",
    "cannot allocate memory": "the machine has too little memory for the heap; set KGREC_HEAP lower",
    "outofmemoryerror": "the heap is too small; set KGREC_HEAP higher",
    "initial heap size set to a larger value": "KGREC_HEAP is too small; set it to 512m or more",
    "too small maximum heap": "KGREC_HEAP is too small; set it to 512m or more",
    "invalid maximum heap size": "KGREC_HEAP is not a size that Java accepts",
    "lock file has been locked": "another server uses the same data directory",
    "no space left on device": _FULL,
    "unsupportedclassversionerror": "Java is too old",
}


class PortTakenError(ServerError):
    """Another program uses the port."""


def seconds_allowed() -> float:
    """Maximum duration of a start: `KGREC_START_SECONDS`, by default 600.

    Raises:
        InputError: the value is not a positive number.
    """
    value = os.environ.get(SECONDS_VARIABLE) or str(SECONDS)
    with suppress(ValueError):
        if 0 < float(value) < math.inf:
            return float(value)
    raise InputError(f"Invalid {SECONDS_VARIABLE} {value!r}; expected a number of seconds above 0, e.g. 600.")


def wait(files: ServerFiles, process: psutil.Process, ports: Ports) -> dict[str, str]:
    """Wait until Bolt accepts the password and GDS is available, and return the versions of `neo4j` and `gds`.

    Raises:
        PortTakenError: the server ended because a port is taken.
        ServerError: it ended for another reason, or did not answer in time.
        CredentialsRefusedError: its database has another password.
        GdsAbsentError: it has no GDS.
    """
    limit = seconds_allowed()
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        if not alive(process):
            raise _failure(files, "Neo4j ended while starting")
        if _listens(process, ports):
            try:
                return _versions(files, ports)
            except (CredentialsRefusedError, GdsAbsentError):
                raise
            except (Neo4jError, DriverError, ConnectionFailedError, OSError):
                pass  # Bolt accepts connections before the database is available
        if _cannot_continue(files):
            raise _failure(files, "Neo4j cannot start")
        time.sleep(_PAUSE_SECONDS)
    raise _failure(
        files, f"Neo4j did not answer within {limit:.0f} s (set {SECONDS_VARIABLE} to wait longer)"
    )


def _cannot_continue(files: ServerFiles) -> bool:
    """Whether the server waits in vain for disk or memory; on a full disk its log may not say so."""
    data = Path(str(read_json(files.record).get("data") or files.root))
    if any(shutil.disk_usage(folder).free < _LEAST_FREE for folder in (files.logs, data) if folder.is_dir()):
        return True
    text = "\n".join(log_lines(files.console)).lower()
    return any(mark in text for mark in _FATAL)


def _listens(process: psutil.Process, ports: Ports) -> bool:
    # Checked by process, because another program may answer on the port.
    with suppress(psutil.Error):
        connections = process.net_connections(kind="tcp")
        listening = {it.laddr.port for it in connections if it.status == psutil.CONN_LISTEN}
        return {ports.bolt, ports.http} <= listening
    return False


def _versions(files: ServerFiles, ports: Ports) -> dict[str, str]:
    address = Address(ports.uri, credentials.USERNAME, credentials.password(files))
    try:
        connection = Connection.open(address)
    except CredentialsRefusedError as error:
        raise CredentialsRefusedError(
            f"The managed server refuses the password in {files.password}: its database has another one. Write that one "
            "into the file."
        ) from error
    with connection:
        kernel = next(row for row in connection.run("server/components") if row["name"] == "Neo4j Kernel")
        return {"neo4j": str(kernel["versions"][0]), "gds": connection.gds_version}


def _failure(files: ServerFiles, what: str) -> ServerError:
    # The reason is somewhere in the log, among hundreds of stack frames.
    lines = [line for line in log_lines(files.console) if not _STACK_FRAME.match(line)]
    text = "\n".join(lines).lower()
    reason = next((reason for mark, reason in _REASONS.items() if mark in text), "")
    free = shutil.disk_usage(files.logs).free
    if not reason and free < _LEAST_FREE:
        reason = _FULL
    if reason == _FULL:
        reason = f"{_FULL} ({free // 1_000_000} MB free at {files.logs}); a server needs about 300 MB"
    kind = PortTakenError if "already in use" in text else ServerError
    shown = "\n".join(f"  {line}" for line in lines[-_SHOWN:]) or "  (nothing)"
    return kind(f"{what}{': ' + reason if reason else ''}. The last lines of {files.console}:\n{shown}")
