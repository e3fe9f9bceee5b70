"""Clean tables to CSV with neo4j-admin's headers."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kgrec_gds.loading.clean_tables import LABELS, CleanTables
from kgrec_gds.loading.graph_layout import NODES, RELATIONSHIPS, NodeTable, RelationshipTable

if TYPE_CHECKING:
    import duckdb

#: Options that the CSV needs, whatever runs the import.
FORMAT_OPTIONS = ("--multiline-fields=true", "--id-type=string")


@dataclass(frozen=True)
class CsvFolder:
    """A folder of CSV files that `neo4j-admin database import full` takes."""

    folder: Path

    def arguments(self, folder: str | None = None) -> list[str]:
        """`--nodes` and `--relationships` arguments.

        Args:
            folder: where the reader sees the files, e.g. inside a container; without it, where they are.
        """
        where = folder or str(self.folder)
        nodes = [
            f"--nodes={'' if table.label_flags else table.label + '='}{where}/{table.name}.csv"
            for table in NODES
        ]
        relationships = [f"--relationships={table.type}={where}/{table.name}.csv" for table in RELATIONSHIPS]
        return nodes + relationships


def write_csv(tables: CleanTables, folder: Path) -> CsvFolder:
    """Write one CSV a table into `folder`, each whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    for table in (*NODES, *RELATIONSHIPS):
        part = folder / f"{table.name}.csv.part"
        write_relation(_with_headers(tables, table), part)
        part.replace(folder / f"{table.name}.csv")
    return CsvFolder(folder.absolute())


def write_relation(relation: "duckdb.DuckDBPyRelation", path: Path) -> None:
    """Write a relation so that neo4j-admin reads back the same strings.

    A null is nothing between commas, an empty string is two quotes; a quote inside is doubled; a backslash is only
    itself (neo4j-admin's `--legacy-style-quoting=false`, its default).
    """
    relation.write_csv(str(path), sep=",", na_rep="", header=True, quotechar='"', escapechar='"')


def _with_headers(tables: CleanTables, table: NodeTable | RelationshipTable) -> "duckdb.DuckDBPyRelation":
    columns = [f'"{column.source}" AS "{column.header}"' for column in table.columns]
    if isinstance(table, NodeTable) and table.label_flags:
        columns.append(f'{LABELS} AS ":LABEL"')
    return tables.relation(table).project(", ".join(columns))
