"""Write clean tables as CSV with neo4j-admin's headers."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kgrec_gds.loading.clean_tables import LABELS, CleanTables
from kgrec_gds.loading.graph_layout import NODES, RELATIONSHIPS, NodeTable, RelationshipTable
from kgrec_gds.progress import Callback

if TYPE_CHECKING:
    import duckdb

#: Options of neo4j-admin that this CSV requires.
FORMAT_OPTIONS = ("--multiline-fields=true", "--id-type=string")


@dataclass(frozen=True)
class CsvFolder:
    """A folder of CSV files for `neo4j-admin database import full`."""

    folder: Path

    def arguments(self, folder: str | None = None) -> list[str]:
        """`--nodes` and `--relationships` arguments.

        Args:
            folder: path of the folder as the reader sees it, e.g. in a container; by default the folder itself.
        """
        where = folder or str(self.folder)
        nodes = [
            f"--nodes={'' if table.label_flags else table.label + '='}{where}/{table.name}.csv"
            for table in NODES
        ]
        relationships = [f"--relationships={table.type}={where}/{table.name}.csv" for table in RELATIONSHIPS]
        return nodes + relationships


def write_csv(tables: CleanTables, folder: Path, callback: Callback | None = None) -> CsvFolder:
    """Write one CSV file per table into `folder`; each file appears when it is complete."""
    folder.mkdir(parents=True, exist_ok=True)
    layout: tuple[NodeTable | RelationshipTable, ...] = (*NODES, *RELATIONSHIPS)
    for done, table in enumerate(layout, start=1):
        part = folder / f"{table.name}.csv.part"
        write_relation(_with_headers(tables, table), part)
        part.replace(folder / f"{table.name}.csv")
        if callback is not None:
            callback("CSV files", done, len(layout))
    return CsvFolder(folder.absolute())


def write_relation(relation: "duckdb.DuckDBPyRelation", path: Path) -> None:
    """Write a relation so that neo4j-admin reads the same strings.

    Null is an empty field and the empty string two quotes; quotes are doubled; backslashes are literal, as with
    neo4j-admin's default `--legacy-style-quoting=false`.
    """
    relation.write_csv(str(path), sep=",", na_rep="", header=True, quotechar='"', escapechar='"')


def _with_headers(tables: CleanTables, table: NodeTable | RelationshipTable) -> "duckdb.DuckDBPyRelation":
    columns = [f'"{column.source}" AS "{column.header}"' for column in table.columns]
    if isinstance(table, NodeTable) and table.label_flags:
        columns.append(f'{LABELS} AS ":LABEL"')
    return tables.relation(table).project(", ".join(columns))
