"""Merge clean tables into a running database over Bolt, in batches that can be repeated."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kgrec_gds.errors import LoadError
from kgrec_gds.loading.clean_tables import LABELS, CleanTables
from kgrec_gds.loading.graph_layout import TABLES, NodeTable, RelationshipTable
from kgrec_gds.progress import bars

if TYPE_CHECKING:
    from kgrec_gds.database.connection import Connection

BATCH_ROWS = 5_000


@dataclass(frozen=True)
class TableOutcome:
    """Number of rows of a table by their effect on the database."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0


def merge_tables(connection: "Connection", tables: CleanTables) -> dict[str, TableOutcome]:
    """Merge every row by its key: nodes first, then relationships between them. Returns the outcome by table name.

    After an interrupt, calling it again continues. Nothing is removed, and a null leaves the property unchanged.

    Raises:
        LoadError: a relationship's nodes are not in the database.
    """
    outcomes: dict[str, TableOutcome] = {}
    with bars() as progress:
        for table in TABLES:
            total = tables.rows(table)
            task = progress.add_task(table.name, total=total)
            states: Counter[str] = Counter()
            for batch in _batches(tables, table):
                for row in connection.run(f"loading/{table.name}", rows=batch):
                    states[row["state"]] += row["rows"]
                progress.advance(task, len(batch))
            if states.total() != total:
                raise LoadError(
                    f"{total - states.total()} of {total} rows of {table.name} refer to nodes that are not in the database; "
                    "expected none. Check that nothing else removes nodes, then run the same command again to continue."
                )
            outcomes[table.name] = TableOutcome(**states)
    return outcomes


def _batches(tables: CleanTables, table: NodeTable | RelationshipTable) -> Iterator[list[dict[str, Any]]]:
    for batch in tables.relation(table).to_arrow_reader(BATCH_ROWS):
        yield [_parameters(table, row) for row in batch.to_pylist()]


def _parameters(table: NodeTable | RelationshipTable, row: dict[str, Any]) -> dict[str, Any]:
    known = {name: row[name] for name in table.properties if row[name] is not None}
    if isinstance(table, RelationshipTable):
        start, end = table.keys
        return {"start": row[start], "end": row[end], "properties": known}
    (key,) = table.keys
    labels = {LABELS: row[LABELS].split(";")} if table.label_flags else {}
    return {key: row[key], "properties": known, **labels}
