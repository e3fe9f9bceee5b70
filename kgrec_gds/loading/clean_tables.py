"""The clean tables as DuckDB relations, with the columns and the order in which they are loaded."""

from pathlib import Path
from typing import TYPE_CHECKING

from kgrec_gds.loading.graph_counts import GraphCounts
from kgrec_gds.loading.graph_layout import NODES, RELATIONSHIPS, NodeTable, RelationshipTable

if TYPE_CHECKING:
    import duckdb

LABELS = "labels"
"""Column with the labels of a node, joined by semicolons as neo4j-admin expects."""


class CleanTables:
    """A folder of clean tables, opened for loading."""

    def __init__(self, folder: Path) -> None:
        import duckdb

        self.folder = folder
        self._connection = duckdb.connect()

    def _read(self, name: str) -> "duckdb.DuckDBPyRelation":
        if name == "users":
            # Users have no table: they are the distinct users of the ratings.
            return self._read("ratings").project("userId").distinct()
        return self._connection.read_parquet(str(self.folder / f"{name}.parquet"))

    def relation(self, table: NodeTable | RelationshipTable) -> "duckdb.DuckDBPyRelation":
        """Rows of one table under their source names, ordered by key so that equal input gives equal files."""
        columns = [_quoted(name) for name in table.headers]
        if isinstance(table, NodeTable) and table.label_flags:
            columns.append(f"{_labels(table)} AS {LABELS}")
        return self._read(table.name).project(", ".join(columns)).order(", ".join(map(_quoted, table.keys)))

    def rows(self, table: NodeTable | RelationshipTable) -> int:
        """Number of rows of one table."""
        return len(self._read(table.name))

    def counts(self) -> GraphCounts:
        """Counts of a database that holds exactly these tables."""
        nodes = {table.label: self.rows(table) for table in NODES}
        for table in NODES:
            for flag, label in table.label_flags.items():
                nodes[label] = len(self._read(table.name).filter(_quoted(flag)))
        relationships = {table.type: self.rows(table) for table in RELATIONSHIPS}
        return GraphCounts(
            nodes={label: count for label, count in nodes.items() if count},
            relationships={kind: count for kind, count in relationships.items() if count},
        )

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _labels(table: NodeTable) -> str:
    parts = [
        f"'{table.label}'",
        *(f"CASE WHEN {_quoted(flag)} THEN '{label}' END" for flag, label in table.label_flags.items()),
    ]
    return f"concat_ws(';', {', '.join(parts)})"


def _quoted(name: str) -> str:
    # Names come from the layout, never from data.
    return f'"{name}"'
