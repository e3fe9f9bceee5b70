"""Read raw files as batches of numbered lines, in bounded memory.

Python's gzip reads them, because DuckDB's does not verify checksums. Lines are counted from 1. Only in CSV may a
quoted field contain line breaks.
"""

import codecs
import csv
import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from kgrec_gds.errors import InputError

BLOCK_BYTES: Final = 8 << 20
#: Separates the fields of a CSV record once quotes are resolved, when commas may be part of a field.
UNIT_SEPARATOR: Final = "\x1f"
#: A quoted field that spans more lines is treated as a stray quote.
LONGEST_RECORD: Final = 50

SCHEMA: Final = pa.schema([("line", pa.int64()), ("text", pa.string()), ("invalid_utf8", pa.bool_())])
_GZIP_MAGIC: Final = b"\x1f\x8b"
_OPENS_QUOTE: Final = re.compile(r'(?:^|,)\s*"')
#: Gets the number of bytes of the (compressed) file read so far.
OnRead: TypeAlias = Callable[[int], None] | None


def blocks(path: Path, size: int = BLOCK_BYTES, callback: OnRead = None) -> Iterator[bytes]:
    """Yield the decompressed file in blocks of whole lines, each ending with a line feed.

    Raises:
        InputError: the file is unreadable, empty, damaged or truncated, or not what its `.gz` suffix says.
    """
    rest = b""
    for read in _reads(path, size, callback):
        whole, line_feed, tail = read.rpartition(b"\n")
        if not line_feed:
            rest += read
            continue
        yield (rest + whole + b"\n").replace(b"\r\n", b"\n")
        rest = tail
    if rest:
        yield rest.removesuffix(b"\r") + b"\n"


def _reads(path: Path, size: int, callback: OnRead) -> Iterator[bytes]:
    try:
        with path.open("rb") as raw:
            magic = raw.read(2)
            _check_magic(path, magic)
            raw.seek(0)
            stream: Any = gzip.GzipFile(fileobj=raw) if path.suffix == ".gz" else raw
            # Windows tools start files with a byte order mark.
            yield stream.read(size).removeprefix(codecs.BOM_UTF8)
            while read := stream.read(size):
                if callback is not None:
                    callback(raw.tell())
                yield read
    except EOFError as error:
        raise InputError(
            f"{path} is truncated; expected a complete gz file. Download or copy it again."
        ) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise InputError(
            f"{path} is damaged ({error}); expected a valid gz file. Download or copy it again."
        ) from error
    except OSError as error:
        raise InputError(
            f"Cannot read {path} ({error.strerror or error}). Check the path and its permissions."
        ) from error


def _check_magic(path: Path, magic: bytes) -> None:
    if not magic:
        raise InputError(f"{path} is empty (0 bytes); expected a table. Download or copy it again.")
    if path.suffix == ".gz" and magic != _GZIP_MAGIC:
        raise InputError(
            f"{path} is not a gz file, as its name says: it starts with {magic!r}. "
            "If it is plain text, remove .gz from its name."
        )
    if path.suffix != ".gz" and magic == _GZIP_MAGIC:
        raise InputError(f"{path} is a gz file; expected plain text, as its name says. Add .gz to its name.")


def first_line(path: Path) -> str:
    """The first line of the file without its line break, without reading the rest.

    Raises:
        InputError: as for `blocks`, or the line is not UTF-8.
    """
    line = next(blocks(path, 1 << 16), b"").split(b"\n", 1)[0]
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise InputError(
            f"The first line of {path} is not valid UTF-8 ({error.reason} at byte {error.start + 1}). "
            "Convert the file, for example with iconv."
        ) from error


def has_rows(path: Path, *, header: bool) -> bool:
    """Whether the file has a line that is neither blank nor the header."""
    remaining = blocks(path, 1 << 16)
    first = next(remaining, b"")
    body = first.partition(b"\n")[2] if header else first
    return bool(body.strip()) or any(block.strip() for block in remaining)


def line_batches(path: Path, *, header: bool, callback: OnRead = None) -> Iterator[pa.RecordBatch]:
    """Lines of a text file, without its header and blank lines; columns as in `SCHEMA`."""
    number = 1
    for block in blocks(path, callback=callback):
        texts, invalid = _decoded(block)
        batch = _batch(range(number, number + len(texts)), texts, invalid)
        number += len(texts)
        yield _without_blanks(batch, drop_first=header and batch["line"][0].as_py() == 1)


def csv_batches(
    path: Path, *, header: bool, fields: int, callback: OnRead = None
) -> Iterator[pa.RecordBatch]:
    """Records of a CSV file with their fields joined by `UNIT_SEPARATOR`; columns as in `SCHEMA`.

    A record that spans lines must have the expected number of `fields`.
    """
    number, carried = 1, b""
    for block in blocks(path, callback=callback):
        whole = carried + block
        numbers, texts, invalid, carried = _records(whole, number, fields)
        number += whole.count(b"\n") - carried.count(b"\n")
        # A block within one long record yields none yet.
        yield _without_blanks(_batch(numbers, texts, invalid), drop_first=header and 1 in numbers[:1])
    if carried:
        numbers, texts, invalid, _ = _records(carried, number, fields, last=True)
        yield _without_blanks(_batch(numbers, texts, invalid), drop_first=header and 1 in numbers[:1])


def _batch(numbers: Any, texts: Any, invalid: Any) -> pa.RecordBatch:
    numbers = pa.array(numbers, pa.int64())
    texts = texts if isinstance(texts, pa.Array) else pa.array(texts, pa.string())
    invalid = pa.array(invalid, pa.bool_()) if invalid else pa.nulls(len(texts), pa.bool_()).fill_null(False)
    return pa.record_batch([numbers, texts, invalid], schema=SCHEMA)


def _without_blanks(batch: pa.RecordBatch, *, drop_first: bool) -> pa.RecordBatch:
    batch = batch.slice(1) if drop_first else batch
    return batch.filter(pc.not_equal(pc.utf8_trim_whitespace(batch["text"]), ""))


def _decoded(block: bytes) -> tuple[Any, list[bool]]:
    """Texts of the block's lines, and which of them were not valid UTF-8 (empty if all were)."""
    body = block[:-1]
    try:
        text = pa.array([body.decode()], pa.large_string())
    except UnicodeDecodeError:
        texts = [line.decode(errors="replace") for line in body.split(b"\n")]
        return texts, [not _is_utf8(line) for line in body.split(b"\n")]
    return pc.split_pattern(text, "\n").values.cast(pa.string()), []


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _records(
    block: bytes, number: int, fields: int, *, last: bool = False
) -> tuple[Any, Any, list[bool], bytes]:
    """Line numbers and texts of the block's records, whether they are invalid UTF-8, and the bytes of an unfinished record."""
    if b'"' not in block:
        texts, invalid = _decoded(block.replace(b",", UNIT_SEPARATOR.encode()))
        return range(number, number + len(texts)), texts, invalid, b""
    raw = block[:-1].split(b"\n")
    lines = [line.decode(errors="replace") for line in raw]
    numbers: list[int] = []
    texts = []
    spans: list[int] = []
    at = 0
    while at < len(lines):
        span, record = _record(lines, at, fields)
        if record is None and not last and at + LONGEST_RECORD > len(lines):
            break  # it may end in the next block
        numbers.append(number + at)
        texts.append(UNIT_SEPARATOR.join(record if record is not None else lines[at].split(",")))
        spans.append(span)
        at += span
    invalid = [
        not _is_utf8(b"\n".join(raw[n - number : n - number + span]))
        for n, span in zip(numbers, spans, strict=True)
    ]
    carried = b"".join(line + b"\n" for line in raw[at:])
    return numbers, texts, invalid, carried


def _record(lines: list[str], at: int, fields: int) -> tuple[int, list[str] | None]:
    """Number of lines of the record at `at`, and its fields; None if a quote is not closed."""
    text = lines[at]
    if '"' not in text:
        return 1, text.split(",")
    if text.count('"') % 2 == 0 or not _OPENS_QUOTE.search(text):
        return 1, _parsed(text)
    for end in range(at + 1, min(at + LONGEST_RECORD, len(lines))):
        text += "\n" + lines[end]
        if lines[end].count('"') % 2 == 1:
            record = _parsed(text)
            return (end - at + 1, record) if len(record) == fields else (1, None)
    return 1, None


def _parsed(text: str) -> list[str]:
    try:
        return next(csv.reader([text], skipinitialspace=True))
    except csv.Error:  # a field beyond csv's size limit is a fault of the row
        return text.split(",")
