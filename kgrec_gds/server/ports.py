"""Choose the ports of a server on the loopback interface."""

import contextlib
import socket
from dataclasses import dataclass
from typing import Any

from kgrec_gds.errors import ServerError

HOST = "127.0.0.1"
BOLT_PORT = 7687
HTTP_PORT = 7474
_SECONDS = 5
#: Bolt's magic number and one version, 5.0; the answer is the version that is spoken, or zeros.
_HANDSHAKE = bytes.fromhex("6060b017" + "00000005" + "00000000" * 3)


@dataclass(frozen=True)
class Ports:
    """The ports of a server."""

    bolt: int
    http: int

    @property
    def uri(self) -> str:
        """Bolt address."""
        return f"bolt://{HOST}:{self.bolt}"

    @property
    def browser(self) -> str:
        """Address of Neo4j Browser."""
        return f"http://{HOST}:{self.http}"

    @classmethod
    def of_record(cls, record: dict[str, Any]) -> "Ports | None":
        """The ports in a start's record, if any."""
        return cls(record["bolt"], record["http"]) if {"bolt", "http"} <= record.keys() else None


def pick(last: Ports | None, chosen: tuple[int | None, int | None]) -> Ports:
    """Ports to start on: the chosen ones, else those of the last start if free, else any free ones.

    Raises:
        ServerError: a chosen port is taken.
    """
    preferred = last or Ports(BOLT_PORT, HTTP_PORT)
    return Ports(_one("bolt", chosen[0], preferred.bolt), _one("http", chosen[1], preferred.http))


def _one(name: str, chosen: int | None, preferred: int) -> int:
    if chosen is not None:
        if not is_free(chosen):
            raise ServerError(
                f"{name}_port {chosen} is taken by another program. Choose another, or omit it to use a free one."
            )
        return chosen
    if preferred and is_free(preferred):
        return preferred
    return any_free()


def is_free(port: int) -> bool:
    """Whether a port is free."""
    with socket.socket() as probe:
        # As Java does: ports with connections still closing can be bound.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def speaks_bolt(port: int) -> bool:
    """Whether a server answers Bolt's handshake on a port; one that is being killed may only accept connections."""
    try:
        with socket.create_connection((HOST, port), timeout=_SECONDS) as connection:
            connection.sendall(_HANDSHAKE)
            return len(connection.recv(4)) == 4
    except OSError:
        return False


def any_free() -> int:
    """A free port, chosen by the system."""
    return some_free(1)[0]


def some_free(count: int) -> list[int]:
    """Different free ports, chosen by the system."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((HOST, 0))
        return [probe.getsockname()[1] for probe in probes]
