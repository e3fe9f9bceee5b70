"""Compute Ibis expressions with Spark. DuckDB still reads the raw files, because Spark does not number lines."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import ibis

from kgrec_gds.cleaning.engine import Engine
from kgrec_gds.cleaning.raw_files import RawFile
from kgrec_gds.cleaning.rules import CleaningRules
from kgrec_gds.progress import Callback
from kgrec_gds.spark_session import spark_session, without_pandas_warning


class SparkEngine(Engine):
    """Spark, in the session of `spark_session`.

    Raises:
        InputError: pyspark or Java is not installed.
    """

    def __init__(self, work: Path, rules: CleaningRules, callback: Callback | None = None) -> None:
        super().__init__(work, rules, callback)
        self._session = ExitStack()
        session = self._session.enter_context(spark_session("kgrec-gds import", work))
        with without_pandas_warning():
            self.spark = ibis.pyspark.connect(session)

    def rows(self, file: RawFile) -> Any:
        """The raw rows of a file; columns as in `raw_lines.SCHEMA`."""
        path = self.work / f"raw-{file.table}.parquet"
        super().export(super().rows(file), path)
        return self._read(path, f"raw_{file.table}")

    def export(self, expression: Any, path: Path) -> None:
        """Compute an expression into one Parquet or CSV file."""
        # Spark writes a folder of parts, which DuckDB reads in order as one table.
        parts = self.work / f"parts-{path.name}"
        self._run(lambda: self._write(expression, parts))
        super().export(self.duckdb.read_parquet(str(parts / "*.parquet")), path)

    def _run(self, action: Callable[[], Any]) -> Any:
        with without_pandas_warning():
            return super()._run(action)

    def _write(self, expression: Any, path: Path) -> None:
        self.spark.to_parquet(expression, path)

    def _read(self, path: Path, name: str) -> Any:
        return self.spark.read_parquet(path, table_name=name)

    def close(self) -> None:
        """Close both connections."""
        self._session.close()
        super().close()
