"""The clean tables as DuckDB relations in the order of loading, and as CSV with neo4j-admin's headers."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from kgrec_gds.cleaning.cleaning_result import table_files
from kgrec_gds.loading.graph_counts import GraphCounts
from kgrec_gds.loading.graph_layout import (
    NODES,
    PREDICTED_RATINGS,
    RELATIONSHIPS,
    TABLES,
    NodeTable,
    RelationshipTable,
)
from kgrec_gds.progress import Callback

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
        return self._connection.read_parquet(table_files(self.folder, name))

    def relation(self, table: NodeTable | RelationshipTable) -> "duckdb.DuckDBPyRelation":
        """Rows of one table under their source names, ordered by key so that equal input gives equal files."""
        columns = [_quoted(name) for name in table.headers]
        if isinstance(table, NodeTable) and table.label_flags:
            columns.append(f"{label_column(table)} AS {LABELS}")
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

    def select_predictions(self, source: Path, rows: int, folder: Path) -> int:
        """Put those predictions of a CSV file into a folder whose user and movie are in these tables.

        Args:
            source: a file with header.
            rows: number of its predictions.
            folder: of the CSV files; it gets a link if all predictions are selected, which saves a copy.

        Returns:
            the number of predictions selected.
        """
        selected = self._connection.read_csv(
            str(source),
            header=True,
            delimiter=",",
            quotechar='"',
            escapechar='"',
            all_varchar=True,
            allow_quoted_nulls=False,
        )
        for name, key in zip(("users", "movies"), PREDICTED_RATINGS.keys, strict=True):
            known = self._read(name).project(_quoted(key)).set_alias(name)
            header = _quoted(PREDICTED_RATINGS.headers[key])
            selected = selected.join(known, f"{header} = {name}.{_quoted(key)}", how="semi")
        count, path = len(selected), folder / f"{PREDICTED_RATINGS.name}.csv"
        path.unlink(missing_ok=True)
        if count < rows:
            write_relation(selected, path)
        else:
            path.symlink_to(source.absolute())
        return count

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def label_column(table: NodeTable, quote: str = '"') -> str:
    """The SQL expression of a node's labels; `quote` is what stands around names."""
    flags = (
        f"CASE WHEN {quote}{flag}{quote} THEN '{label}' END" for flag, label in table.label_flags.items()
    )
    return f"concat_ws(';', '{table.label}', {', '.join(flags)})"


def _quoted(name: str) -> str:
    # Names come from the layout, never from data.
    return f'"{name}"'


def write_csv(tables: CleanTables, folder: Path, callback: Callback | None = None) -> Path:
    """Write one CSV file per table. Returns the folder's absolute path."""
    return write_tables(
        folder, lambda table, path: write_relation(_with_headers(tables, table), path), callback
    )


def write_tables(
    folder: Path,
    write: Callable[[NodeTable | RelationshipTable, Path], None],
    callback: Callback | None = None,
) -> Path:
    """Write each table as a file or a folder of parts, which appears when it is complete. Returns the folder's absolute path.

    The predictions of an earlier import are removed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _remove(folder / f"{PREDICTED_RATINGS.name}.csv")
    for done, table in enumerate(TABLES, start=1):
        part, place = folder / f"{table.name}.csv.part", folder / f"{table.name}.csv"
        _remove(part)
        write(table, part)
        if part.is_dir() or place.is_dir():
            _remove(place)  # only a file takes the place of a file in one step
        part.replace(place)
        if callback is not None:
            callback("CSV files", done, len(TABLES))
    return folder.absolute()


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def write_relation(relation: "duckdb.DuckDBPyRelation", path: Path) -> None:
    """Write a relation so that neo4j-admin reads the same strings.

    Null is an empty field and the empty string two quotes; quotes are doubled; backslashes are literal, as with
    neo4j-admin's default `--legacy-style-quoting=false`.
    """
    relation.write_csv(str(path), sep=",", na_rep="", header=True, quotechar='"', escapechar='"')


def _with_headers(tables: CleanTables, table: NodeTable | RelationshipTable) -> "duckdb.DuckDBPyRelation":
    columns = [f'"{name}" AS "{header}"' for name, header in table.headers.items()]
    if isinstance(table, NodeTable) and table.label_flags:
        columns.append(f'{LABELS} AS ":LABEL"')
    return tables.relation(table).project(", ".join(columns))
