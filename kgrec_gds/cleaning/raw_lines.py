"""Raw files as batches of numbered lines, in bounded memory.

Python's gzip reads them, because DuckDB's does not check the checksum of a gz member. A line is a line of
the file, counted from 1; only in the CSV of ratings may a quoted field hold line breaks.
"""

import codecs
import csv
import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from kgrec_gds.errors import InputError

BLOCK_BYTES: Final = 8 << 20
#: Stands between the fields of a CSV record once quotes are resolved: no comma can be mistaken for it.
UNIT_SEPARATOR: Final = "\x1f"
#: A quoted field that spans more lines than this is taken for a stray quote.
LONGEST_RECORD: Final = 50

SCHEMA: Final = pa.schema([("line", pa.int64()), ("text", pa.string()), ("broken", pa.bool_())])
_GZIP_MAGIC: Final = b"\x1f\x8b"
_OPENS_QUOTE: Final = re.compile(r'(?:^|,)\s*"')


def blocks(path: Path, size: int = BLOCK_BYTES) -> Iterator[bytes]:
    """Yield the decompressed file in blocks of whole lines, each ending with a line feed.

    Raises:
        InputError: not readable, no bytes, no gz though its name says so, or a damaged or cut-off gz.
    """
    rest = b""
    for piece in _pieces(path, size):
        whole, line_feed, tail = piece.rpartition(b"\n")
        if not line_feed:
            rest += piece
            continue
        yield (rest + whole + b"\n").replace(b"\r\n", b"\n")
        rest = tail
    if rest:
        yield rest.removesuffix(b"\r") + b"\n"


def _pieces(path: Path, size: int) -> Iterator[bytes]:
    try:
        with path.open("rb") as raw:
            magic = raw.read(2)
            _check_magic(path, magic)
            raw.seek(0)
            stream: Any = gzip.GzipFile(fileobj=raw) if path.suffix == ".gz" else raw
            # Windows tools put a byte order mark in front.
            yield stream.read(size).removeprefix(codecs.BOM_UTF8)
            while piece := stream.read(size):
                yield piece
    except EOFError as error:
        raise InputError(
            f"{path} should be a whole gz file, but it ends in the middle. Download or copy it again."
        ) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise InputError(
            f"{path} should be a sound gz file, but its bytes are damaged ({error}). Download or copy it again."
        ) from error
    except OSError as error:
        raise InputError(
            f"{path} should be a readable file, but it is not ({error.strerror or error}). Check the path and its rights."
        ) from error


def _check_magic(path: Path, magic: bytes) -> None:
    if not magic:
        raise InputError(f"{path} should hold a table, but it has 0 bytes. Download or copy it again.")
    if path.suffix == ".gz" and magic != _GZIP_MAGIC:
        raise InputError(
            f"{path} should be a gz file, as its name says, but its first bytes are {magic!r}. "
            "If it is plain text, take .gz off its name."
        )
    if path.suffix != ".gz" and magic == _GZIP_MAGIC:
        raise InputError(
            f"{path} should be plain text, as its name says, but it is a gz file. Add .gz to its name."
        )


def first_line(path: Path) -> str:
    """The first line of the file without its line break, read without reading the rest.

    Raises:
        InputError: as `blocks`, or the line is not UTF-8.
    """
    line = next(blocks(path, 1 << 16), b"").split(b"\n", 1)[0]
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path} should be UTF-8 text, but its first line is not ({error.reason} at byte {error.start + 1}). "
            "Convert it, for example with iconv."
        ) from error


def has_rows(path: Path, *, header: bool) -> bool:
    """Whether the file has a line that is neither blank nor the header."""
    pieces = blocks(path, 1 << 16)
    first = next(pieces, b"")
    body = first.partition(b"\n")[2] if header else first
    return bool(body.strip()) or any(block.strip() for block in pieces)


def line_batches(path: Path, *, header: bool) -> Iterator[pa.RecordBatch]:
    """Lines of a tab-separated table, without its header and blank lines; columns as in `SCHEMA`."""
    number = 1
    for block in blocks(path):
        texts, broken = _decoded(block)
        batch = _batch(range(number, number + len(texts)), texts, broken)
        number += len(texts)
        yield _without_blanks(batch, drop_first=header and batch["line"][0].as_py() == 1)


def csv_batches(path: Path, *, header: bool, fields: int) -> Iterator[pa.RecordBatch]:
    """Records of a comma-separated file, their fields joined by `UNIT_SEPARATOR`; columns as in `SCHEMA`.

    Args:
        path: the file.
        header: whether its first line is a header.
        fields: how many fields a record should have; only then may it span lines.
    """
    number, carried = 1, b""
    for block in blocks(path):
        whole = carried + block
        numbers, texts, broken, carried = _records(whole, number, fields)
        number += whole.count(b"\n") - carried.count(b"\n")
        # A block that is all the beginning of a record gives none yet.
        yield _without_blanks(_batch(numbers, texts, broken), drop_first=header and 1 in numbers[:1])
    if carried:
        numbers, texts, broken, _ = _records(carried, number, fields, last=True)
        yield _without_blanks(_batch(numbers, texts, broken), drop_first=header and 1 in numbers[:1])


def _batch(numbers: Any, texts: Any, broken: Any) -> pa.RecordBatch:
    numbers = pa.array(numbers, pa.int64())
    texts = texts if isinstance(texts, pa.Array) else pa.array(texts, pa.string())
    broken = pa.array(broken, pa.bool_()) if broken else pa.nulls(len(texts), pa.bool_()).fill_null(False)
    return pa.record_batch([numbers, texts, broken], schema=SCHEMA)


def _without_blanks(batch: pa.RecordBatch, *, drop_first: bool) -> pa.RecordBatch:
    batch = batch.slice(1) if drop_first else batch
    return batch.filter(pc.not_equal(pc.utf8_trim_whitespace(batch["text"]), ""))


def _decoded(block: bytes) -> tuple[Any, list[bool]]:
    """Texts of the block's lines; bytes that are no UTF-8 are replaced and their lines marked broken."""
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
    """Line numbers, texts and marks of the block's records, and the bytes of a record that goes on after it."""
    if b'"' not in block:
        texts, broken = _decoded(block.replace(b",", UNIT_SEPARATOR.encode()))
        return range(number, number + len(texts)), texts, broken, b""
    raw = block[:-1].split(b"\n")
    lines = [line.decode(errors="replace") for line in raw]
    numbers: list[int] = []
    texts = []
    spans: list[int] = []
    at = 0
    while at < len(lines):
        span, record = _record(lines, at, fields)
        if record is None and not last and at + LONGEST_RECORD > len(lines):
            break  # its end may stand in the next block
        numbers.append(number + at)
        texts.append(UNIT_SEPARATOR.join(record if record is not None else lines[at].split(",")))
        spans.append(span)
        at += span
    broken = [
        not _is_utf8(b"\n".join(raw[n - number : n - number + span]))
        for n, span in zip(numbers, spans, strict=True)
    ]
    carried = b"".join(line + b"\n" for line in raw[at:])
    return numbers, texts, broken, carried


def _record(lines: list[str], at: int, fields: int) -> tuple[int, list[str] | None]:
    """How many lines the record at `at` spans, and its fields; None where a quote opens and never closes well."""
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
    except csv.Error:  # a field past csv's size limit: a row fault, not a reason to stop
        return text.split(",")
