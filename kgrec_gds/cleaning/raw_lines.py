"""Read raw files as batches of numbered lines, in bounded memory.

Lines are counted from 1, and rows of Parquet are its lines. Only in CSV may a quoted field contain line breaks.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from kgrec_gds.cleaning import raw_bytes
from kgrec_gds.errors import InputError

#: Separates the fields of a CSV record once quotes are resolved, when commas may be part of a field.
UNIT_SEPARATOR: Final = "\x1f"
#: A quoted field that spans more lines is treated as a stray quote.
LONGEST_RECORD: Final = 50

SCHEMA: Final = pa.schema([("line", pa.int64()), ("text", pa.string()), ("invalid_utf8", pa.bool_())])


def has_rows(path: Path, *, skip: int) -> bool:
    """Whether a text file has a line below its first `skip` that is not blank."""
    remaining = raw_bytes.blocks(path, 1 << 16)
    first = next(remaining, b"").split(b"\n", skip)
    return bool(b"".join(first[skip:]).strip()) or any(block.strip() for block in remaining)


def line_batches(blocks: Iterable[bytes], number: int = 1, *, skip: int) -> Iterator[pa.RecordBatch]:
    """Lines of a text file from line `number` on, without its first `skip` and blank lines; columns as in `SCHEMA`."""
    for block in blocks:
        texts, invalid = _decoded(block)
        yield _rows(_batch(range(number, number + len(texts)), texts, invalid), skip)
        number += len(texts)


def csv_batches(
    blocks: Iterable[bytes], number: int = 1, *, skip: int, fields: int, delimiter: str = ","
) -> Iterator[pa.RecordBatch]:
    """Records of a CSV file with their fields joined by `UNIT_SEPARATOR`; otherwise like `line_batches`.

    A record that spans lines must have the expected number of `fields`.
    """
    carried = b""
    for block in blocks:
        whole = carried + block
        numbers, texts, invalid, carried = _records(whole, number, fields, delimiter)
        number += whole.count(b"\n") - carried.count(b"\n")
        yield _rows(_batch(numbers, texts, invalid), skip)
    if carried:
        numbers, texts, invalid, _ = _records(carried, number, fields, delimiter, last=True)
        yield _rows(_batch(numbers, texts, invalid), skip)


def parquet_columns(path: Path) -> tuple[str, ...]:
    """Names of the columns of a Parquet file that has rows.

    Raises:
        InputError: the file is damaged or has no rows.
    """
    try:
        with path.open("rb") as opened, pq.ParquetFile(opened) as file:
            rows, names = file.metadata.num_rows, tuple(file.schema_arrow.names)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path, error) from error
    if not rows:
        raise InputError(f"{path} has no rows; expected at least one. Download or export it again.")
    return names


def parquet_batches(path: Path, columns: tuple[str, ...]) -> Iterator[pa.RecordBatch]:
    """Rows of some columns of a Parquet file with their values joined by `UNIT_SEPARATOR`; columns as in `SCHEMA`."""
    number = 1
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(columns=list(columns)):
                yield joined_columns(range(number, number + len(batch)), [batch[name] for name in columns])
                number += len(batch)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path, error) from error


def joined_columns(numbers: Any, columns: Iterable[pa.Array]) -> pa.RecordBatch:
    """Numbered rows with the values of all columns joined by `UNIT_SEPARATOR`; columns as in `SCHEMA`."""
    texts = pc.binary_join_element_wise(*(_as_text(column) for column in columns), UNIT_SEPARATOR)
    return _batch(numbers, texts, [])


def _damaged(path: Path, error: Exception) -> InputError:
    reason = str(error).splitlines()[0]
    return InputError(f"Cannot read {path} as Parquet ({reason}). Download or export it again.")


def _as_text(column: Any) -> Any:
    """A column as text, as it would stand in a file of IMDb's."""
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        column = pc.binary_join(column.cast(pa.list_(pa.string())), ",")
    return column.cast(pa.string()).fill_null("\\N")


def _batch(numbers: Any, texts: Any, invalid: Any) -> pa.RecordBatch:
    numbers = numbers if isinstance(numbers, pa.Array) else pa.array(numbers, pa.int64())
    texts = texts if isinstance(texts, pa.Array) else pa.array(texts, pa.string())
    invalid = pa.array(invalid, pa.bool_()) if invalid else pa.nulls(len(texts), pa.bool_()).fill_null(False)
    return pa.record_batch([numbers, texts, invalid], schema=SCHEMA)


def _rows(batch: pa.RecordBatch, skip: int) -> pa.RecordBatch:
    blank = pc.equal(pc.utf8_trim_whitespace(batch["text"]), "")
    return batch.filter(pc.and_(pc.greater(batch["line"], skip), pc.invert(blank)))


def _decoded(block: bytes) -> tuple[Any, list[bool]]:
    """Texts of the block's lines, and which of them were not valid UTF-8 or hold NUL (empty if all were sound)."""
    body = block[:-1]
    if b"\0" not in body:
        try:
            text = pa.array([body.decode()], pa.large_string())
            return pc.split_pattern(text, "\n").values.cast(pa.string()), []
        except UnicodeDecodeError:
            pass
    lines = body.split(b"\n")
    return [_text(line) for line in lines], [not _is_sound(line) for line in lines]


def _text(line: bytes) -> str:
    return line.decode(errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


def _is_sound(line: bytes) -> bool:
    try:
        return "\0" not in line.decode()
    except UnicodeDecodeError:
        return False


def _records(
    block: bytes, number: int, fields: int, delimiter: str, *, last: bool = False
) -> tuple[Any, Any, list[bool], bytes]:
    """Line numbers and texts of the block's records, whether they are unsound, and the bytes of an unfinished record."""
    if b'"' not in block:
        texts, invalid = _decoded(block.replace(delimiter.encode(), UNIT_SEPARATOR.encode()))
        return range(number, number + len(texts)), texts, invalid, b""
    raw = block[:-1].split(b"\n")
    lines = [_text(line) for line in raw]
    numbers: list[int] = []
    texts = []
    spans: list[int] = []
    at = 0
    while at < len(lines):
        span, record = _record(lines, at, fields, delimiter)
        if record is None and not last and at + LONGEST_RECORD > len(lines):
            break  # it may end in the next block
        numbers.append(number + at)
        # Whole, a line whose quote is not closed has one field, which is a fault: the quote may belong to no value.
        texts.append(lines[at] if record is None else UNIT_SEPARATOR.join(record))
        spans.append(span)
        at += span
    invalid = [
        not _is_sound(b"\n".join(raw[n - number : n - number + span]))
        for n, span in zip(numbers, spans, strict=True)
    ]
    carried = b"".join(line + b"\n" for line in raw[at:])
    return numbers, texts, invalid, carried


def _record(lines: list[str], at: int, fields: int, delimiter: str) -> tuple[int, list[str] | None]:
    """Number of lines of the record at `at`, and its fields; None if a quote is not closed."""
    text = lines[at]
    if '"' not in text:
        return 1, text.split(delimiter)
    if text.count('"') % 2 == 0 or not _opens_quote(text, delimiter):
        return 1, _parsed(text, delimiter)
    for end in range(at + 1, min(at + LONGEST_RECORD, len(lines))):
        text += "\n" + lines[end]
        if lines[end].count('"') % 2 == 1:
            record = _parsed(text, delimiter)
            return (end - at + 1, record) if len(record) == fields else (1, None)
    return 1, None


def _opens_quote(text: str, delimiter: str) -> bool:
    return re.search(rf'(?:^|{re.escape(delimiter)})\s*"', text) is not None


def _parsed(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=delimiter, skipinitialspace=True))
    except csv.Error:  # a field beyond csv's size limit is a fault of the row
        return text.split(delimiter)
