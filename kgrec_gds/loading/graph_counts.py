"""How many nodes of each label and relationships of each type there should be, and are."""

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
        """The first labels and types on which both differ, in words; empty where none do."""
        pairs = [
            (name, ours.get(name, 0), theirs.get(name, 0))
            for ours, theirs in ((self.nodes, other.nodes), (self.relationships, other.relationships))
            for name in sorted(ours.keys() | theirs.keys())
        ]
        return ", ".join(f"{name}: {ours} and {theirs}" for name, ours, theirs in pairs if ours != theirs)


def count_graph(graph: "Connection") -> GraphCounts:
    """Count what the database holds; a node counts under each of its labels."""
    return GraphCounts(
        nodes={row["label"]: row["nodes"] for row in graph.run("loading/count_nodes")},
        relationships={row["type"]: row["relationships"] for row in graph.run("loading/count_relationships")},
    )


def check_counts(graph: "Connection", expected: GraphCounts) -> None:
    """Compare the database with what was to be loaded.

    Raises:
        LoadError: they differ.
    """
    if difference := expected.difference(count_graph(graph)):
        raise LoadError(
            f"The loaded graph should hold what the CSV holds; expected and found differ: {difference}."
        )
