"""Write clean tables as CSV with neo4j-admin's headers."""

from pathlib import Path
from typing import TYPE_CHECKING

from kgrec_gds.loading.clean_tables import LABELS, CleanTables
from kgrec_gds.loading.graph_layout import TABLES, NodeTable, RelationshipTable
from kgrec_gds.progress import Callback

if TYPE_CHECKING:
    import duckdb


def write_csv(tables: CleanTables, folder: Path, callback: Callback | None = None) -> Path:
    """Write one CSV file per table; each appears when it is complete. Returns the folder's absolute path."""
    folder.mkdir(parents=True, exist_ok=True)
    for done, table in enumerate(TABLES, start=1):
        part = folder / f"{table.name}.csv.part"
        write_relation(_with_headers(tables, table), part)
        part.replace(folder / f"{table.name}.csv")
        if callback is not None:
            callback("CSV files", done, len(TABLES))
    return folder.absolute()


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
