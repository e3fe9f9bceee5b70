"""Give the managed server more heap by a restart, where a command needs more than it has."""

from typing import TYPE_CHECKING

from kgrec_gds.errors import TooLittleHeapError
from kgrec_gds.progress import say
from kgrec_gds.server import lifecycle
from kgrec_gds.server.memory import HEAP_VARIABLE, Memory, as_size, largest_heap, size_in_bytes

if TYPE_CHECKING:
    from kgrec_gds.database.connection import Connection

#: Estimates are least values, and Java's collector needs some of its own.
_SPARE = 1.25
_GIBIBYTE = 2**30


def with_more_heap(connection: "Connection", refused: TooLittleHeapError) -> Memory:
    """Restart the managed server with the heap that was missing and a quarter more; returns its memory now.

    Raises:
        TooLittleHeapError: the heap was set by a person, the machine has too little memory, other queries are running, or
            the server is not ours. The message says which number to set where.
    """
    memory = lifecycle.running_memory() if connection.managed else None
    if memory is None:
        raise TooLittleHeapError(
            f"{refused} Raise server.memory.heap.max_size of your server by {_gibibytes(refused.missing)}g or more, or choose "
            "a smaller --dimension.",
            refused.missing,
        ) from refused
    needed = int((size_in_bytes(memory.heap) + refused.missing) * _SPARE)
    advice = (
        f"Restart it with more (kgrec-gds server stop; kgrec-gds server start --heap {_gibibytes(needed)}g, or "
        f"{HEAP_VARIABLE}={_gibibytes(needed)}g), or choose a smaller --dimension."
    )
    if memory.given:
        raise TooLittleHeapError(
            f"{refused} The server's heap was set to {memory.heap}. {advice}", refused.missing
        ) from refused
    if needed > largest_heap():
        raise TooLittleHeapError(
            f"{refused} It would need a heap of {_gibibytes(needed)}g, and this machine gives {as_size(largest_heap())} at most. "
            "Use a machine with more memory, or choose a smaller --dimension.",
            refused.missing,
        ) from refused
    if others := connection.one("server/other_queries")["others"]:
        raise TooLittleHeapError(
            f"{refused} The server is not restarted, since {others} other queries are running. {advice}",
            refused.missing,
        ) from refused
    say(f"{refused} Restarting the server with a heap of {as_size(needed)} instead of {memory.heap} …")
    raised = Memory(as_size(needed), memory.page_cache)
    lifecycle.restart(raised)
    connection.one("server/gds_version")  # lets the driver drop its connections to the stopped server
    return raised


def _gibibytes(count: int) -> int:
    return -(-count // _GIBIBYTE)
