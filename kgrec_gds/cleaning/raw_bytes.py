"""Open a raw file: refuse what is no table by its first bytes, and yield UTF-8 in blocks of whole lines.

Python's gzip decompresses, because DuckDB's does not verify checksums. UTF-16 and UTF-32 with a byte order mark become
UTF-8; lines may end with LF, CR LF or CR.
"""

import codecs
import gzip
import io
import re
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeAlias

from kgrec_gds.errors import InputError

BLOCK_BYTES: Final = 8 << 20
#: Bytes by which the content is recognized.
_HEAD_BYTES: Final = 1 << 16
#: A longer line is no row of a table.
_LONGEST_LINE: Final = 64 << 20
_GZIP_MAGIC: Final = b"\x1f\x8b"
#: First bytes, what the file is by them, and what to do with it.
_OTHER_FORMATS: Final[tuple[tuple[bytes, str, str], ...]] = (
    (rb"PK(\x03\x04|\x05\x06|\x07\x08)", "a zip archive or an Excel workbook", "Unzip it, or export the sheet as CSV."),
    (rb"\xfd7zXZ\x00", "an xz archive", "Decompress it with unxz."),
    (rb"BZh[1-9](1AY&SY|\x17rE8P\x90)", "a bzip2 (bz2) archive", "Decompress it with bunzip2."),
    (rb"\x28\xb5\x2f\xfd", "a zstd archive", "Decompress it with unzstd."),
    (rb"\x04\x22\x4d\x18", "an lz4 archive", "Decompress it with unlz4."),
    (rb"7z\xbc\xaf\x27\x1c", "a 7z archive", "Unpack it."),
    (rb"Rar!\x1a\x07", "a rar archive", "Unpack it."),
    (rb"\x1f\x9d|\x1f\xa0", "a compress (.Z) archive", "Decompress it with uncompress."),
    (rb"PAR1", "a Parquet file", "Decompress it, or export it as text."),
    (rb"\x1f\x8b", "a gz file inside a gz file", "Decompress it once."),
    (rb"(?s:.{257})ustar", "a tar archive", "Unpack it."),
    (rb"\xd0\xcf\x11\xe0", "an old Excel workbook", "Export the sheet as CSV."),
    (rb"SQLite format 3\x00", "an SQLite database", "Export the table as CSV."),
    (rb"%PDF", "a PDF", "Export the table as CSV."),
    (rb"\x89HDF|ARROW1|\x93NUMPY|Obj\x01|\x80[\x02-\x05]", "a binary file", "Export the table as CSV or Parquet."),
    (rb"(?i)\s*<(!doctype|html|\?xml)", "an HTML or XML page", "It may be an error page: download the file again."),
)  # fmt: skip
#: Byte order mark -> codec that skips it.
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
#: Gets the number of bytes of the (compressed) file read so far.
OnRead: TypeAlias = Callable[[int], None] | None


def check_regular(path: Path) -> None:
    """Refuse what is no regular file without opening it, since opening a pipe waits for its writer.

    Raises:
        InputError: the file does not exist, or is a folder, a broken link, a pipe, a socket or a device.
    """
    try:
        mode = path.stat().st_mode
    except OSError as error:
        if path.is_symlink():
            raise InputError(
                f"{path} is a broken link: it points to {path.readlink()}. Restore that file, or remove the link."
            ) from error
        problem = (
            "does not exist" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
        )
        raise InputError(f"{path} {problem}; expected a file. Check the path.") from error
    if stat.S_ISDIR(mode):
        raise InputError(f"{path} is a folder (directory); expected a file. Check the path.")
    if not stat.S_ISREG(mode):
        kind = "pipe (FIFO)" if stat.S_ISFIFO(mode) else "socket" if stat.S_ISSOCK(mode) else "device"
        raise InputError(
            f"{path} is a {kind}; expected a regular file, because it is read more than once. Write the data to a file."
        )


def is_parquet(path: Path) -> bool:
    """Whether a regular file is Parquet by its first bytes."""
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PAR1"
    except OSError as error:
        raise _cannot_read(path, error) from error


def blocks(
    path: Path, size: int = BLOCK_BYTES, callback: OnRead = None, content: bytes | None = None
) -> Iterator[bytes]:
    """Yield the decompressed file as UTF-8 in blocks of whole lines, each ending with a line feed.

    `content` is the file's, if it is in memory already.

    Raises:
        InputError: the file is unreadable, empty, damaged or truncated, no text, or not what its `.gz` suffix says.
    """
    rest = b""
    for read in _reads(path, size, callback, content):
        whole, line_feed, tail = read.rpartition(b"\n")
        if not line_feed:
            rest += read
            if len(rest) > _LONGEST_LINE:
                raise InputError(
                    f"{path} has a line of more than {_LONGEST_LINE >> 20} MB; expected a table. Check that it is text."
                )
            continue
        yield (rest + whole + b"\n").replace(b"\r\n", b"\n")
        rest = tail
    if rest:
        yield rest.removesuffix(b"\r") + b"\n"


def first_lines(path: Path, count: int) -> list[str]:
    """Up to `count` first lines of the file without their line breaks, without reading the rest.

    Raises:
        InputError: as for `blocks`, or one of them is not UTF-8.
    """
    lines = next(blocks(path, _HEAD_BYTES), b"\n").split(b"\n", count)[:count]
    try:
        return [line.decode() for line in lines]
    except UnicodeDecodeError as error:
        raise InputError(
            f"The first line of {path} is not valid UTF-8 ({error.reason} at byte {error.start + 1}). "
            "Convert the file, for example with iconv."
        ) from error


def first_line(path: Path) -> str:
    """The first line of the file; see `first_lines`."""
    return first_lines(path, 1)[0]


def text_form(path: Path) -> tuple[str, bool]:
    """The encoding of a text file by its first bytes, and whether a lone CR ends its lines.

    Raises:
        InputError: as for `blocks`.
    """
    with _opened(path) as (_, stream):
        return _text_form(path, stream.read(_HEAD_BYTES))


def _reads(path: Path, size: int, callback: OnRead, content: bytes | None) -> Iterator[bytes]:
    with _opened(path, content) as (raw, stream):
        read = stream.read(_HEAD_BYTES)
        convert = _converter(*_text_form(path, read))
        while read:
            if callback is not None:
                callback(raw.tell())
            yield convert(read, False)
            read = stream.read(size)
        yield convert(b"", True)


@contextmanager
def _opened(path: Path, content: bytes | None = None) -> Iterator[tuple[BinaryIO, Any]]:
    """The open file, and the stream of its decompressed bytes."""
    if content is None:
        check_regular(path)
    try:
        with path.open("rb") if content is None else io.BytesIO(content) as raw:
            _check_suffix(path, raw.read(8))
            raw.seek(0)
            yield raw, gzip.GzipFile(fileobj=raw) if is_gz(path) else raw
    except EOFError as error:
        raise InputError(
            f"{path} is truncated; expected a complete gz file. Download or copy it again."
        ) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise InputError(
            f"{path} is damaged ({error}); expected a valid gz file. Download or copy it again."
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path} is not valid {error.encoding.upper()} ({error.reason}), as its byte order mark says. "
            "Convert the file to UTF-8, for example with iconv."
        ) from error
    except OSError as error:
        raise _cannot_read(path, error) from error


def _cannot_read(path: Path, error: OSError) -> InputError:
    return InputError(f"Cannot read {path} ({error.strerror or error}). Check the path and its permissions.")


def is_gz(path: Path) -> bool:
    """Whether a file is decompressed, which its name says."""
    return path.suffix.lower() == ".gz"


def _check_suffix(path: Path, magic: bytes) -> None:
    if not magic:
        raise InputError(f"{path} is empty (0 bytes); expected a table. Download or copy it again.")
    gz = magic.startswith(_GZIP_MAGIC)
    if is_gz(path) and not gz:
        found = _other_format(magic)
        advice = found[1] if found else "If it is plain text, remove .gz from its name."
        raise InputError(
            f"{path} is not a gz file, as its name says: it {f'is {found[0]}' if found else f'starts with {magic[:2]!r}'}. "
            f"{advice}"
        )
    if gz and not is_gz(path):
        raise InputError(f"{path} is a gz file; expected plain text, as its name says. Add .gz to its name.")


def _other_format(head: bytes) -> tuple[str, str] | None:
    return next(((name, advice) for pattern, name, advice in _OTHER_FORMATS if re.match(pattern, head)), None)


def _text_form(path: Path, head: bytes) -> tuple[str, bool]:
    if found := _other_format(head):
        raise InputError(f"{path} is {found[0]}; expected a table as text. {found[1]}")
    encoding = next((codec for mark, codec in _MARKS if head.startswith(mark)), "utf-8")
    text = head.decode(encoding, "ignore") if encoding != "utf-8" else head.decode("latin-1")
    if "\0" in re.split(r"[\r\n]", text, maxsplit=1)[0]:
        raise InputError(
            f"{path} is not text: its first line contains NUL bytes. Expected a table in UTF-8, or in UTF-16 with a byte "
            "order mark. Convert the file, for example with iconv."
        )
    # A lone CR ends a line where there are more of them than line feeds.
    return encoding, text.count("\r") - text.count("\r\n") > text.count("\n")


def _converter(encoding: str, with_cr: bool) -> Callable[[bytes, bool], bytes]:
    """What turns the bytes of a file into UTF-8 with line feeds."""
    decoder = None if encoding == "utf-8" else codecs.getincrementaldecoder(encoding)()
    first = True

    def convert(block: bytes, final: bool) -> bytes:
        nonlocal first
        if decoder is not None:
            block = decoder.decode(block, final).encode()
        elif first:
            # Windows tools start files with a byte order mark.
            block = block.removeprefix(codecs.BOM_UTF8)
        first = False
        return block.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if with_cr else block

    return convert
