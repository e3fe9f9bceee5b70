"""Read raw files and compute Ibis expressions with Spark; intermediate results are Parquet folders on disk."""

import re
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import ibis

from kgrec_gds.cleaning.engine import Engine
from kgrec_gds.cleaning.raw_files import RawFile
from kgrec_gds.cleaning.remote_path import as_path
from kgrec_gds.cleaning.rules import CleaningRules
from kgrec_gds.errors import InputError
from kgrec_gds.progress import Callback
from kgrec_gds.spark_session import spark_session, without_pandas_warning

#: In Spark's error: a sentence of ours that ended a task; a file that could not be read, and why; any other failure.
_OURS: Final = re.compile(r"InputError: (.*)")
_UNREAD: Final = re.compile(
    r"(?s)Encountered error while reading file (\S[^\n]*?)\. +SQLSTATE.*?Caused by: [\w.]+: ([^\n]*)"
)
_FAILED: Final = re.compile(r"SparkException: (.*)")


class SparkEngine(Engine):
    """Spark, in the session of `spark_session`.

    The executors read and write the work folder, so it must be on a disk that they share.

    Raises:
        InputError: pyspark or Java is not installed.
    """

    def __init__(self, work: Path, rules: CleaningRules, callback: Callback | None = None) -> None:
        super().__init__(work, rules, callback)
        self._reading: RawFile | None = None
        self._opened = ExitStack()
        self._session = self._opened.enter_context(spark_session("kgrec-gds import", work))
        with without_pandas_warning():
            self.spark = ibis.pyspark.connect(self._session)

    def path(self, given: Path | str) -> Path:
        """A file or folder of any file system that Spark knows."""
        return as_path(given)

    def rows(self, file: RawFile) -> Any:
        """The raw rows of a file; columns as in `raw_lines.SCHEMA`."""
        from kgrec_gds.cleaning.spark_files import raw_rows

        self._reading = file
        self.callback(file.path.name, 0, file.path.stat().st_size)
        return self._run(lambda: self._view(raw_rows(self._session, file), f"raw_{file.table}"))

    def store(self, expression: Any, name: str) -> Any:
        """Compute an expression, store it as Parquet in the work folder, and read it back."""
        stored = super().store(expression, name)
        if self._reading is not None:
            size = self._reading.path.stat().st_size
            self.callback(self._reading.path.name, size, size)
            self._reading = None
        return stored

    def export(self, expression: Any, path: Path) -> None:
        """Compute an expression into a folder of Parquet files, or into one CSV file."""
        if path.suffix == ".csv":
            parts = self.work / path.stem
            self._run(lambda: self._write(expression, parts))
            super().export(self.duckdb.read_parquet(str(parts / "*.parquet")), path)
        else:
            self._run(lambda: self._write(expression, path))

    def _run(self, action: Callable[[], Any]) -> Any:
        from py4j.protocol import Py4JJavaError
        from pyspark.errors import PySparkException

        try:
            with without_pandas_warning():
                return super()._run(action)
        except (Py4JJavaError, PySparkException) as error:
            if (failure := _failure(str(error))) is None:
                raise
            raise failure from error

    def _write(self, expression: Any, path: Path) -> None:
        from kgrec_gds.cleaning.spark_files import spark_uri

        self.spark.to_parquet(expression, spark_uri(path, wildcards=False))

    def _read(self, path: Path, name: str) -> Any:
        from kgrec_gds.cleaning.spark_files import spark_uri

        return self._view(self._session.read.parquet(spark_uri(path)), name)

    def _view(self, table: Any, name: str) -> Any:
        table.createOrReplaceTempView(name)
        return self.spark.table(name)

    def close(self) -> None:
        """Close the connections, and stop Spark if it was started here."""
        try:
            self._opened.close()
        finally:
            super().close()


def _failure(text: str) -> InputError | None:
    """What an error of Spark's means to the user; None if it is a bug."""
    if ours := _OURS.search(text):
        return InputError(ours[1])
    if unread := _UNREAD.search(text):
        place, reason = unread[1].removeprefix("file://"), unread[2]
        if "Unexpected end" in reason:
            return InputError(
                f"{place} is truncated; expected a complete gz file. Download or copy it again."
            )
        problem = "is damaged" if place.lower().endswith(".gz") else "cannot be read"
        return InputError(f"{place} {problem} ({reason}). Download or copy it again.")
    if failed := _FAILED.search(text):
        return InputError(
            f"Spark failed ({failed[1].strip()}). Check its configuration, and run the same command again."
        )
    return None
