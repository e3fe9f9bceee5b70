"""The clean tables as CSV in parts, which Spark's executors write beside each other."""

import tempfile
from pathlib import Path
from typing import Any

from kgrec_gds.cleaning.cleaning_result import table_files
from kgrec_gds.cleaning.spark_files import spark_uri
from kgrec_gds.loading.admin_command import HEADER
from kgrec_gds.loading.clean_tables import label_column, write_tables
from kgrec_gds.loading.graph_layout import NodeTable, RelationshipTable
from kgrec_gds.progress import Callback
from kgrec_gds.spark_session import spark_session, without_pandas_warning


def write_csv_parts(clean: Path, folder: Path, callback: Callback | None = None) -> Path:
    """Write one folder per table: `header.csv`, and parts without a header. Returns the CSV folder's absolute path.

    Args:
        clean: folder of the clean tables.
        folder: of the CSV files; the executors must reach both under the same path.
        callback: called with the number of tables written.

    Raises:
        InputError: pyspark or Java is not installed.
    """
    with tempfile.TemporaryDirectory() as work, spark_session("kgrec-gds import", Path(work)) as session:

        def write(table: NodeTable | RelationshipTable, path: Path) -> None:
            with without_pandas_warning():
                _lines(session, clean, table).write.text(spark_uri(path.absolute(), wildcards=False))
            (path / HEADER).write_text(",".join(_columns(table).values()) + "\n", "utf-8")

        return write_tables(folder, write, callback)


def _columns(table: NodeTable | RelationshipTable) -> dict[str, str]:
    """Expressions and their headers."""
    columns = {f"`{name}`": header for name, header in table.headers.items()}
    if isinstance(table, NodeTable) and table.label_flags:
        columns[label_column(table, quote="`")] = ":LABEL"
    return columns


def _lines(session: Any, clean: Path, table: NodeTable | RelationshipTable) -> Any:
    """The lines of a table; Spark's own CSV writer would change line breaks within fields."""
    users = table.name == "users"
    rows = session.read.parquet(
        *map(spark_uri, map(Path, table_files(clean, "ratings" if users else table.name)))
    )
    if users:
        rows = rows.select("userId").distinct().orderBy("userId")
    text = dict(rows.dtypes)
    fields = [
        f"coalesce('\"' || replace({column}, '\"', '\"\"') || '\"', '')"
        if text.get(column.strip("`"), "string") == "string"
        else f"coalesce(string({column}), '')"
        for column in _columns(table)
    ]
    return rows.selectExpr(f"concat_ws(',', {', '.join(fields)}) AS value")
