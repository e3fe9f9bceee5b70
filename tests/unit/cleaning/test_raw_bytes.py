"""A file is text in some encoding, or refused by what it is."""

import bz2
import gzip
import io
import lzma
import os
import socket
import tarfile
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kgrec_gds.cleaning.raw_bytes import blocks, check_regular, first_lines
from kgrec_gds.cleaning.raw_lines import parquet_batches, parquet_columns
from kgrec_gds.errors import InputError

TEXT = "userID,tconst\nü,tt0000001\nb,tt0000002\n"


def zipped() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", TEXT)
    return packed.getvalue()


def tarred() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.csv"))
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (zipped(), "zip"),
        (lzma.compress(TEXT.encode()), "xz"),
        (bz2.compress(TEXT.encode()), "bz2"),
        (tarred(), "tar"),
        (b"7z\xbc\xaf\x27\x1c..", "7z"),
        (b"\x28\xb5\x2f\xfd....", "zstd"),
        (b"SQLite format 3\0....", "SQLite"),
        (b"\xd0\xcf\x11\xe0....", "Excel"),
        (b"\n<!DOCTYPE html>", "HTML"),
        (b"%PDF-1.7", "PDF"),
        (TEXT.encode("utf-16-le"), "NUL"),
    ],
)
def test_another_kind_of_file_is_named_inside_gz_too(tmp_path: Path, content: bytes, name: str) -> None:
    (tmp_path / "r.csv").write_bytes(content)
    (tmp_path / "r.csv.gz").write_bytes(gzip.compress(content))
    for path in (tmp_path / "r.csv", tmp_path / "r.csv.gz"):
        with pytest.raises(InputError, match=name) as error:
            list(blocks(path))
        assert str(path) in str(error.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".csv.GZ"])
def test_encodings_line_ends_and_suffixes(tmp_path: Path, encoding: str, end: str, suffix: str) -> None:
    content = TEXT.replace("\n", end).encode(encoding)
    path = tmp_path / f"r{suffix}"
    path.write_bytes(content if suffix == ".csv" else gzip.compress(content))
    assert b"".join(blocks(path)).decode() == TEXT
    assert first_lines(path, 2) == TEXT.splitlines()[:2]


def test_blocks_of_a_large_file_in_another_encoding_are_joined(tmp_path: Path) -> None:
    text = "ü,🎬\n" * 50_000
    (tmp_path / "r.csv").write_bytes(b"\xfe\xff" + text.encode("utf-16-be"))
    assert b"".join(blocks(tmp_path / "r.csv", 1001)).decode() == text


def test_a_damaged_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_bytes(TEXT.encode("utf-16")[:-1])
    with pytest.raises(InputError, match="is not valid UTF-16"):
        list(blocks(tmp_path / "r.csv"))


def test_what_is_no_file_is_refused_without_opening_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to("loop")
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(tmp_path)  # the path of a socket is short
        server.bind("socket")
        os.chdir(here)
    for name, problem in (
        ("fifo", "is a pipe"),
        ("folder", "is a folder"),
        ("link", "points to nowhere"),
        ("loop", "broken link"),
        ("socket", "is a socket"),
        ("missing", "does not exist"),
    ):
        with pytest.raises(InputError, match=problem):
            check_regular(tmp_path / name)
    with pytest.raises(InputError, match="is a device"):
        check_regular(Path("/dev/null"))


def test_parquet_is_text_as_in_imdb_s_files(tmp_path: Path) -> None:
    path = tmp_path / "r.parquet"
    columns = {
        "u": [1, None],
        "r": [4.5, 10.0],
        "g": [["Drama", "War"], None],
        "t": pa.array([0, 1], pa.timestamp("s")),
    }
    pq.write_table(pa.table(columns), path)
    assert parquet_columns(path) == ("u", "r", "g", "t")
    (batch,) = parquet_batches(path, ("u", "r", "g", "t"))
    first, second = (text.split("\x1f") for text in batch["text"].to_pylist())
    assert first == ["1", "4.5", "Drama,War", "1970-01-01 00:00:00.000"]
    assert second[:3] in (["\\N", "10", "\\N"], ["\\N", "10.0", "\\N"])


def test_damaged_parquet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "r.parquet").write_bytes(b"PAR1 and nothing else")
    with pytest.raises(InputError, match="as Parquet"):
        parquet_columns(tmp_path / "r.parquet")
