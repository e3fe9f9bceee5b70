"""Read raw files with Spark: split by line where their format allows it, each part parsed by `raw_lines`."""

import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
from pyspark import cloudpickle
from pyspark.sql import functions as F

from kgrec_gds import errors, spark_session
from kgrec_gds.cleaning import raw_bytes, raw_lines, remote_path
from kgrec_gds.cleaning.raw_files import RawFile
from kgrec_gds.errors import InputError

_SCHEMA: Final = "line long, text string, invalid_utf8 boolean"
_ODD_QUOTES: Final = """(octet_length(value) - octet_length(replace(value, '"', ''))) % 2"""
_Batches: TypeAlias = Iterator[pa.RecordBatch]
_Parse: TypeAlias = Callable[..., _Batches]


def raw_rows(session: Any, file: RawFile) -> Any:
    """The rows of a raw file as a Spark table; columns as in `raw_lines.SCHEMA`.

    Raises:
        InputError: Spark does not read a file of that name.
    """
    if file.path.name.startswith(("_", ".")):
        raise InputError(f"Spark ignores files whose names begin with _ or a dot: {file.path}. Rename it.")
    # The parsing code travels with its tasks: executors need pyarrow, but not this package.
    for module in (errors, raw_bytes, raw_lines, remote_path, spark_session, sys.modules[__name__]):
        cloudpickle.register_pickle_by_value(module)
    if file.parquet_columns:
        rows = _parquet_rows(session, file)
    else:
        encoding, with_cr = raw_bytes.text_form(file.path)
        rows = _text_rows(session, file, with_cr) if encoding == "utf-8" else _whole_rows(session, file)
    # A gz file is one part, however long. By number, so that a task that is run again has the same rows.
    return rows.repartition("line")


def spark_uri(path: Path, *, wildcards: bool = True) -> str:
    """The URI of a path for Spark, which reads wildcards in names of files that it reads, but not of those it writes."""
    uri = f"file://{path.absolute()}" if isinstance(path, Path) else str(path)
    return re.sub(r"([\\*?\[\]{}])", r"\\\1", uri) if wildcards else uri


def _text_rows(session: Any, file: RawFile, with_cr: bool) -> Any:
    """Lines of a UTF-8 file, which Spark decompresses and splits."""
    # Unless it is set, Spark ends lines at LF, CR LF and CR.
    reader = session.read if with_cr else session.read.option("lineSep", "\n")
    lines = reader.text(spark_uri(file.path))
    lines = lines.select("value", F.col("_metadata.file_block_start").alias("start"))
    first, spanning = ({0: 1}, False) if raw_bytes.is_gz(file.path) else _survey(lines)
    raw = lines.select(F.col("value").cast("binary").alias("value"), "start")
    if spanning and file.is_csv:
        # A quoted field may hold a line break at which the file is split.
        raw = (
            raw.withColumn("n", F.monotonically_increasing_id())
            .repartition(1)
            .sortWithinPartitions("start", "n")
        )
        raw = raw.select("value", F.lit(0).cast("long").alias("start"))
    return raw.mapInArrow(partial(_parsed, file.parse, first), _SCHEMA)


def _survey(lines: Any) -> tuple[dict[int, int], bool]:
    """Number of the first line of each part by its start in bytes, and whether a record may span lines."""
    parts = lines.groupBy("start").agg(F.count("*").alias("lines"), F.max(F.expr(_ODD_QUOTES)).alias("odd"))
    number, first, spanning = 1, {}, False
    for part in sorted(parts.collect()):
        first[part.start] = number
        number += part.lines
        spanning = spanning or bool(part.odd)
    return first or {0: 1}, spanning


def _parsed(parse: _Parse, first: dict[int, int], batches: _Batches) -> _Batches:
    """The rows of the lines in `value`, by the `start` of their part of the file."""
    for start, blocks in groupby(_blocks(batches), key=itemgetter(0)):
        yield from parse((block for _, block in blocks), first[start])


def _blocks(batches: _Batches) -> Iterator[tuple[int, bytes]]:
    """Blocks of whole lines as `raw_bytes.blocks` yields them, each with the start of its part."""
    fresh = True
    for batch in batches:
        runs, at = pc.run_end_encode(batch["start"]), 0
        for start, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
            lines = pa.ListArray.from_arrays([0, end - at], batch["value"].slice(at, end - at))
            block = pc.binary_join(lines, b"\n")[0].as_py() + b"\n"
            if fresh and start == 0:
                block = block.removeprefix(b"\xef\xbb\xbf")
            yield start, block.replace(b"\r\n", b"\n")
            fresh, at = False, end


def _whole_rows(session: Any, file: RawFile) -> Any:
    """Lines of a file in UTF-16 or UTF-32, which one task reads as a whole."""
    content = session.read.format("binaryFile").load(spark_uri(file.path)).select("content")
    return content.mapInArrow(partial(_parsed_whole, file.parse, file.path), _SCHEMA)


def _parsed_whole(parse: _Parse, path: Path, batches: _Batches) -> _Batches:
    for batch in batches:
        for content in batch["content"]:
            yield from parse(raw_bytes.blocks(path, content=content.as_py()))


def _parquet_rows(session: Any, file: RawFile) -> Any:
    """Rows of a Parquet file, the first of which is line 1."""
    names = [F.col(f"`{name.replace('`', '``')}`") for name in file.parquet_columns]
    table = session.read.parquet(spark_uri(file.path))
    return table.select((F.col("_metadata.row_index") + 1).alias("line"), *names).mapInArrow(_joined, _SCHEMA)


def _joined(batches: _Batches) -> _Batches:
    for batch in batches:
        yield raw_lines.joined_columns(batch.column(0), batch.columns[1:])
