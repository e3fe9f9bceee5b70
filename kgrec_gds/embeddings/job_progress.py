"""How far the database is with a job, as it tells in GDS's own progress list."""

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from neo4j.exceptions import DriverError, Neo4jError

from kgrec_gds.database.connection import Connection
from kgrec_gds.progress import bars

_SECONDS = 0.5


@contextmanager
def shown(graph: Connection, method: str) -> Iterator[str]:
    """A bar of a method's job while the block runs it.

    Yields:
        The job's id, to be given to the procedure (`jobId`).
    """
    with bars() as display:
        task = display.add_task(f"{method}: computing in the database", total=100)
        with polled(graph, lambda share: display.update(task, completed=round(100 * share))) as job:
            yield job
        display.update(task, completed=100)


@contextmanager
def polled(graph: Connection, told: Callable[[float], None]) -> Iterator[str]:
    """Ask twice a second, on a thread and a connection of its own, while the block runs.

    Args:
        graph: the connection.
        told: is given the share that is done, 0 to 1.

    Yields:
        The job's id.
    """
    job, ended = str(uuid.uuid4()), threading.Event()
    thread = threading.Thread(target=_ask, args=(graph, job, ended, told), daemon=True)
    thread.start()
    try:
        yield job
    finally:
        ended.set()
        thread.join()


def _ask(graph: Connection, job: str, ended: threading.Event, told: Callable[[float], None]) -> None:
    while not ended.wait(_SECONDS):
        # The block itself meets what is wrong with the database, and says so.
        with suppress(DriverError, Neo4jError):
            for row in graph.run("embeddings/progress", job=job):
                if row["progress"].endswith("%"):
                    told(float(row["progress"].rstrip("%")) / 100)
