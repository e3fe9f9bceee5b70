"""Count nodes by label and relationships by type, and compare with what was loaded."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kgrec_gds.errors import LoadError

if TYPE_CHECKING:
    from kgrec_gds.database.connection import Connection


@dataclass(frozen=True)
class GraphCounts:
    """Counts by label and by relationship type."""

    nodes: dict[str, int]
    relationships: dict[str, int]

    def difference(self, other: "GraphCounts") -> str:
        """Labels and types whose counts differ, as text; empty if none do."""
        pairs = [
            (name, ours.get(name, 0), theirs.get(name, 0))
            for ours, theirs in ((self.nodes, other.nodes), (self.relationships, other.relationships))
            for name in sorted(ours.keys() | theirs.keys())
        ]
        return ", ".join(f"{name}: {ours} and {theirs}" for name, ours, theirs in pairs if ours != theirs)


def count_graph(connection: "Connection") -> GraphCounts:
    """Count the database; a node counts under each of its labels."""
    return GraphCounts(
        nodes={row["label"]: row["nodes"] for row in connection.run("loading/count_nodes")},
        relationships={
            row["type"]: row["relationships"] for row in connection.run("loading/count_relationships")
        },
    )


def check_counts(connection: "Connection", expected: GraphCounts) -> None:
    """Verify that the database holds what was loaded.

    Raises:
        LoadError: counts differ.
    """
    if difference := expected.difference(count_graph(connection)):
        raise LoadError(
            f"The loaded database differs from the CSV files; expected and found counts: {difference}."
        )
