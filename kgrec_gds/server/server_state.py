"""What is known of the managed server: its versions, where it listens, and its state."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kgrec_gds.database.connection import Address
from kgrec_gds.server import credentials

State = Literal["not installed", "stopped", "starting", "running"]


@dataclass(frozen=True)
class ServerVersions:
    """Versions of the server; empty before its first start."""

    neo4j: str = ""
    gds: str = ""
    java: str = ""


@dataclass(frozen=True)
class RunningServer:
    """A running server with GDS."""

    uri: str
    http: str
    username: str
    password_file: str
    pid: int
    versions: ServerVersions
    data: str
    started: bool
    """False if it was running already."""

    @property
    def address(self) -> Address:
        """Address and credentials, with the password read from its file."""
        return Address(self.uri, self.username, credentials.read_password(Path(self.password_file)))


@dataclass(frozen=True)
class ServerStatus:
    """State of the managed server; `uri`, `http` and `pid` are None unless it runs."""

    state: State
    uri: str | None
    http: str | None
    username: str
    password_file: str
    versions: ServerVersions
    pid: int | None
    folder: str
    logs: str
