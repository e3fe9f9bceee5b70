"""Compute Ibis expressions with DuckDB; intermediate results are Parquet files on disk."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pyarrow as pa

from kgrec_gds.cleaning.raw_files import RawFile
from kgrec_gds.cleaning.raw_lines import SCHEMA
from kgrec_gds.cleaning.remote_path import as_path
from kgrec_gds.cleaning.rules import CleaningRules
from kgrec_gds.errors import InputError
from kgrec_gds.exhausted import require_address_space
from kgrec_gds.progress import Callback


class Engine:
    """DuckDB: streams raw files in, stores results as Parquet, and spills to its work folder.

    Raises:
        InputError: `memory_limit` is not a size.
    """

    def __init__(self, work: Path, rules: CleaningRules, callback: Callback | None = None) -> None:
        require_address_space("DuckDB")
        self.work = work
        self.callback = callback or (lambda _stage, _done, _total: None)
        self._stored = 0
        self._failure: InputError | None = None
        try:
            self.duckdb = ibis.duckdb.connect(
                memory_limit=rules.memory_limit, temp_directory=str(work / "spill")
            )
        except duckdb.ParserException as error:
            raise InputError(f"Invalid memory_limit {rules.memory_limit!r}; expected e.g. 500MB.") from error

    def path(self, given: Path | str) -> Path:
        """A local file or folder.

        Raises:
            InputError: it is the URI of another file system.
        """
        path = as_path(given)
        if not isinstance(path, Path):
            raise InputError(
                f"Engine 'duckdb' reads local files only, not {given}. Copy them here, or use --engine spark (engine='spark')."
            )
        return path

    def rows(self, file: RawFile) -> Any:
        """The raw rows of a file, which can be read once; columns as in `raw_lines.SCHEMA`."""
        name = f"raw_{file.table}"
        reader = pa.RecordBatchReader.from_batches(SCHEMA, self._batches(file))
        self.duckdb.con.register(name, reader)
        return self.duckdb.table(name)

    def constant(self, name: str, value: str) -> Any:
        """A table of one value, which keeps a secret out of query texts and error messages."""
        return ibis.memtable(pa.table({name: [value]}))

    def store(self, expression: Any, name: str) -> Any:
        """Compute an expression, store it as Parquet in the work folder, and read it back.

        Raises:
            InputError: a raw file turns out to be damaged.
        """
        self._stored += 1
        path = self.work / f"{self._stored:02d}-{name}.parquet"
        self._run(lambda: self._write(expression, path))
        return self._read(path, f"stored_{self._stored:02d}")

    def export(self, expression: Any, path: Path) -> None:
        """Compute an expression into one Parquet file, or one CSV file with a header, by the path's suffix."""
        self._run(lambda: expression.to_csv(path) if path.suffix == ".csv" else expression.to_parquet(path))

    def collect(self, expression: Any) -> list[dict[str, Any]]:
        """The rows of a small result."""
        return self._run(lambda: expression.to_pyarrow().to_pylist())

    def _batches(self, file: RawFile) -> Iterator[pa.RecordBatch]:
        size = file.path.stat().st_size
        self.callback(file.path.name, 0, size)
        try:
            yield from file.batches(lambda position: self.callback(file.path.name, position, size))
        except InputError as error:
            # DuckDB wraps it in an error of its own; `_run` raises this one instead.
            self._failure = error
            raise
        self.callback(file.path.name, size, size)

    def _run(self, action: Callable[[], Any]) -> Any:
        try:
            return action()
        except duckdb.OutOfMemoryException as error:
            raise InputError(
                f"DuckDB ran out of its memory_limit ({str(error).splitlines()[0]}). Set memory_limit higher."
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
        """Close the connection."""
        self.duckdb.disconnect()
