"""Progress of a procedure that runs in the database, read from GDS's own progress list."""

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from neo4j.exceptions import DriverError, Neo4jError

from kgrec_gds.database.connection import Connection
from kgrec_gds.progress import bars

_POLL_SECONDS = 0.5


@contextmanager
def computing(connection: Connection, method: str) -> Iterator[str]:
    """Show a progress bar while the block runs a method in the database.

    Yields:
        The job's id, to be passed to the procedure (`jobId`).
    """
    with bars() as display:
        task = display.add_task(f"{method}: computing in the database", total=100)
        with polled(connection, lambda share: display.update(task, completed=round(100 * share))) as job:
            yield job
        display.update(task, completed=100)


@contextmanager
def polled(connection: Connection, callback: Callable[[float], None]) -> Iterator[str]:
    """Poll a job's progress twice a second, on a thread and a connection of its own, while the block runs.

    Args:
        connection: the database that runs the job.
        callback: called with the share that is done, 0 to 1.

    Yields:
        The job's id.
    """
    job, ended = str(uuid.uuid4()), threading.Event()
    thread = threading.Thread(target=_poll, args=(connection, job, ended, callback), daemon=True)
    thread.start()
    try:
        yield job
    finally:
        ended.set()
        thread.join()


def _poll(
    connection: Connection, job: str, ended: threading.Event, callback: Callable[[float], None]
) -> None:
    while not ended.wait(_POLL_SECONDS):
        # The job itself raises what is wrong with the database; here progress is only missing.
        with suppress(DriverError, Neo4jError):
            for row in connection.run("embeddings/progress", job=job):
                if row["progress"].endswith("%"):
                    callback(float(row["progress"].rstrip("%")) / 100)
