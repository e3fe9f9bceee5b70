"""Constraints and indexes of `cypher/schema/`, made where they are missing."""

from typing import TYPE_CHECKING

from kgrec_gds.database import queries

if TYPE_CHECKING:
    from kgrec_gds.database.connection import Connection

_WAIT_SECONDS = 600


def schema_steps() -> list[str]:
    """Names of the schema files, in the order in which they run."""
    files = (item.name for item in queries.folder().joinpath("schema").iterdir())
    return sorted(f"schema/{name.removesuffix('.cypher')}" for name in files if name.endswith(".cypher"))


def apply_schema(graph: "Connection") -> int:
    """Run every schema file and wait for the indexes; running it again changes nothing.

    Returns:
        Number of schema steps.
    """
    steps = schema_steps()
    for step in steps:
        graph.run_alone(step)
    graph.run_alone("loading/await_indexes", seconds=_WAIT_SECONDS)
    return len(steps)
