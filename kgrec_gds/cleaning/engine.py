"""What computes the Ibis expressions: DuckDB, or Spark by option. Everything in between is parquet on disk."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import duckdb
import ibis
import pyarrow as pa

from kgrec_gds.cleaning.raw_files import Source
from kgrec_gds.cleaning.raw_lines import SCHEMA
from kgrec_gds.cleaning.rules import PrepareSettings
from kgrec_gds.errors import InputError


class Engine:
    """DuckDB: reads raw files as a stream, stores results as parquet, spills to its work folder."""

    def __init__(self, work: Path, settings: PrepareSettings) -> None:
        self.work = work
        self._stored = 0
        self._failure: InputError | None = None
        try:
            self.duckdb = ibis.duckdb.connect(
                memory_limit=settings.memory_limit, temp_directory=str(work / "spill")
            )
        except duckdb.ParserException as error:
            raise InputError(
                f"memory_limit should be a size such as 500MB or 4GB; {settings.memory_limit!r} is none."
            ) from error

    def rows(self, source: Source) -> Any:
        """The raw rows of a file, to be read once: columns as in `lines.SCHEMA`."""
        name = f"raw_{source.table}"
        reader = pa.RecordBatchReader.from_batches(SCHEMA, self._watched(source.batches()))
        self.duckdb.con.register(name, reader)
        return self.duckdb.table(name)

    def constant(self, name: str, value: str) -> Any:
        """A table of one value that stands in no query text, so that no message can show it."""
        return ibis.memtable(pa.table({name: [value]}))

    def store(self, expression: Any, name: str) -> Any:
        """Compute an expression, keep it as parquet in the work folder, and read it back.

        Raises:
            InputError: a raw file turns out damaged while it is read.
        """
        self._stored += 1
        path = self.work / f"{self._stored:02d}-{name}.parquet"
        self._run(lambda: self._write(expression, path))
        return self._read(path, f"stored_{self._stored:02d}")

    def export(self, expression: Any, path: Path) -> None:
        """Compute an expression into one parquet file."""
        self._run(lambda: expression.to_parquet(path))

    def export_csv(self, expression: Any, path: Path) -> None:
        """Compute an expression into one CSV file with a header."""
        self._run(lambda: expression.to_csv(path))

    def collect(self, expression: Any) -> list[dict[str, Any]]:
        """The rows of a small result."""
        return self._run(lambda: expression.to_pyarrow().to_pylist())

    def _watched(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        # DuckDB wraps what a reader raises in an error of its own; ours is the one to show.
        try:
            yield from batches
        except InputError as error:
            self._failure = error
            raise

    def _run(self, action: Callable[[], Any]) -> Any:
        try:
            return action()
        except duckdb.OutOfMemoryException as error:
            raise InputError(
                f"The tables should fit through DuckDB's memory_limit, but do not ({str(error).splitlines()[0]}). Raise it."
            ) from error
        except (duckdb.Error, pa.ArrowException):
            if self._failure is not None:
                raise self._failure from None
            raise

    def _write(self, expression: Any, path: Path) -> None:
        expression.to_parquet(path)

    def _read(self, path: Path, name: str) -> Any:
        return self.duckdb.read_parquet(path, table_name=name)

    def close(self) -> None:
        """Let go of the connection."""
        self.duckdb.disconnect()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_engine(work: Path, settings: PrepareSettings) -> Engine:
    """The engine that the settings name.

    Raises:
        InputError: Spark is asked for and is not installed, or has no Java.
    """
    if settings.engine == "spark":
        from kgrec_gds.cleaning.spark import SparkEngine

        return SparkEngine(work, settings)
    return Engine(work, settings)
