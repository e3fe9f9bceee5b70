"""Which ports of the loopback a server gets."""

import socket
from dataclasses import dataclass
from typing import Any

from kgrec_gds.errors import ServerError

HOST = "127.0.0.1"
BOLT_PORT = 7687
HTTP_PORT = 7474


@dataclass(frozen=True)
class Ports:
    """Ports on the loopback."""

    bolt: int
    http: int

    @property
    def uri(self) -> str:
        """Bolt address."""
        return f"bolt://{HOST}:{self.bolt}"

    @property
    def browser(self) -> str:
        """Address of the Browser."""
        return f"http://{HOST}:{self.http}"

    @classmethod
    def of_record(cls, record: dict[str, Any]) -> "Ports | None":
        """The ports that a start noted down; None where it noted none."""
        return cls(record["bolt"], record["http"]) if {"bolt", "http"} <= record.keys() else None


def pick(last: Ports | None, chosen: tuple[int | None, int | None]) -> Ports:
    """Ports to start on: the chosen ones, else those of the last start where they are free, else any free ones.

    Raises:
        ServerError: a chosen port is taken.
    """
    preferred = last or Ports(BOLT_PORT, HTTP_PORT)
    return Ports(_one("bolt", chosen[0], preferred.bolt), _one("http", chosen[1], preferred.http))


def _one(name: str, chosen: int | None, preferred: int) -> int:
    if chosen is not None:
        if not is_free(chosen):
            raise ServerError(
                f"--{name}-port should be free; {chosen} is taken by another program. "
                "Choose another, or leave the option out to have a free one found."
            )
        return chosen
    if preferred and is_free(preferred):
        return preferred
    return any_free()


def is_free(port: int) -> bool:
    """Whether nobody listens on a port of the loopback."""
    with socket.socket() as probe:
        # As Java does: a port whose last connections are still closing can be bound.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def answers(port: int) -> bool:
    """Whether somebody takes connections on a port of the loopback."""
    try:
        with socket.create_connection((HOST, port), timeout=2):
            return True
    except OSError:
        return False


def any_free() -> int:
    """A free port that the system picks."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
