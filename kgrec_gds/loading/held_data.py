"""What the managed database holds before an import replaces it."""

from typing import Final

from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import ConnectionFailedError, ServerError
from kgrec_gds.loading.graph_counts import GraphCounts, count_graph
from kgrec_gds.schema import ACTED_IN, DIRECTED, MOVIE, PERSON, PREDICTED_RATING, RATED, USER, WROTE
from kgrec_gds.server.lifecycle import ensure_running, stop
from kgrec_gds.server.server_files import DataFolders

_NODES: Final = (MOVIE, PERSON, USER)
_RELATIONSHIPS: Final = (RATED, ACTED_IN, DIRECTED, WROTE)


def loss(new: GraphCounts) -> str | None:
    """What the managed database would lose to `new`, as text; None if at least half of everything stays.

    The server is started if it does not run, and stopped again.
    """
    if not (DataFolders().root / "current").is_file():
        return None
    try:
        held = _count()
    except (ServerError, ConnectionFailedError) as error:
        return f"What the current database holds cannot be counted ({error})."
    return shrinks(held, new)


def shrinks(held: GraphCounts, new: GraphCounts) -> str | None:
    """The labels and types of which less than half would stay, with their counts; None if there are none."""
    pairs = [(name, held.nodes.get(name, 0), new.nodes.get(name, 0)) for name in _NODES]
    pairs += [
        (name, held.relationships.get(name, 0), new.relationships.get(name, 0)) for name in _RELATIONSHIPS
    ]
    less = [f"{after:,} instead of {before:,} {name}" for name, before, after in pairs if 2 * after < before]
    if not less:
        return None
    predicted = held.relationships.get(PREDICTED_RATING, 0)
    also = f" Its vectors and its {predicted:,} predictions would go too." if predicted else ""
    return f"The database would hold less than half of what it holds now: {', '.join(less)}.{also}"


def _count() -> GraphCounts:
    running = ensure_running()
    try:
        with Connection.open(running.address) as connection:
            return count_graph(connection)
    finally:
        if running.started:
            stop()
