"""Create the constraints and indexes of `cypher/schema/`."""

from typing import TYPE_CHECKING

from kgrec_gds.database import queries

if TYPE_CHECKING:
    from kgrec_gds.database.connection import Connection

_WAIT_SECONDS = 600


def schema_steps() -> list[str]:
    """Query names of the schema files, in the order in which they run."""
    files = (item.name for item in queries.folder().joinpath("schema").iterdir())
    return sorted(f"schema/{name.removesuffix('.cypher')}" for name in files if name.endswith(".cypher"))


def apply_schema(connection: "Connection") -> None:
    """Create missing constraints and indexes, and wait until the indexes are populated."""
    for step in schema_steps():
        connection.run_alone(step)
    connection.run_alone("loading/await_indexes", seconds=_WAIT_SECONDS)
