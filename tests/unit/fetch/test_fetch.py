"""Fetching from a publisher that can truncate, ignore ranges, change a file or send other bytes."""

import csv
import gzip
import hashlib
import io
import random
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kgrec_gds import download as download_module
from kgrec_gds.errors import InputError
from kgrec_gds.fetch.publishers import IMDB
from kgrec_gds.workflows.fetch import fetch


class Publisher(ThreadingHTTPServer):
    """An HTTP server on the loopback interface."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.truncations = 0
        self.ranges: list[str] = []
        self.requests = 0
        self.versions: dict[str, str] = {}

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Publisher

    def do_GET(self) -> None:
        self.server.requests += 1
        name = self.path.strip("/")
        body = self.server.files.get(name)
        if body is None:
            self.send_error(404)
            return
        version = self.server.versions.get(name, '"1"')
        start = 0
        wanted = self.headers.get("Range")
        if wanted and self.headers.get("If-Range", version) == version:
            self.server.ranges.append(wanted)
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body) - start))
        self.send_header("ETag", version)
        self.end_headers()
        rest = body[start:]
        if self.server.truncations > 0:
            self.server.truncations -= 1
            rest = rest[: len(rest) // 2]
        self.wfile.write(rest)
        self.close_connection = True

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class names it
        pass


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    server = Publisher()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def imdb_files() -> dict[str, bytes]:
    # Random, so that it stays longer than a block after compression.
    return {name: gzip.compress(random.Random(name).randbytes(400_000), 1) for name in IMDB.files}


def movielens_zip(
    ratings: str = "userId,movieId,rating,timestamp\n1,10,4.5,946684800\n2,11,0.5,946684801\n",
) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("ml/README.txt", "Terms of MovieLens")
        archive.writestr("ml/ratings.csv", ratings)
        archive.writestr("ml/links.csv", "movieId,imdbId,tmdbId\n10,0114709,862\n11,12345678,\n")
    return buffer.getvalue()


def rows(path: Path) -> list[list[str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_all_tables_of_imdb_are_downloaded_once(publisher: Publisher, tmp_path: Path) -> None:
    publisher.files = imdb_files()
    fetched = fetch("imdb", tmp_path, publisher.address)
    assert {name: (tmp_path / name).read_bytes() for name in IMDB.files} == publisher.files
    assert "non-commercial" in (tmp_path / "LICENCE-imdb.txt").read_text()
    assert fetched.ratings is None
    requests = publisher.requests
    fetch("imdb", tmp_path, publisher.address)
    assert publisher.requests == requests


def test_a_truncated_response_is_resumed(publisher: Publisher, tmp_path: Path) -> None:
    publisher.files = imdb_files()
    publisher.truncations = 3
    fetch("imdb", tmp_path, publisher.address)
    assert {name: (tmp_path / name).read_bytes() for name in IMDB.files} == publisher.files
    assert len(publisher.ranges) >= 3


def test_a_failed_download_is_resumed_by_the_next_run(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download_module, "ATTEMPTS", 1)
    publisher.files = imdb_files()
    publisher.truncations = 1
    with pytest.raises(InputError, match=r"of .* bytes|IncompleteRead"):
        fetch("imdb", tmp_path, publisher.address)
    assert not (tmp_path / "title.basics.tsv.gz").exists()
    fetch("imdb", tmp_path, publisher.address)
    assert len(publisher.ranges) == 1
    assert (tmp_path / "title.basics.tsv.gz").read_bytes() == publisher.files["title.basics.tsv.gz"]


def test_a_file_that_changed_is_downloaded_again(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download_module, "ATTEMPTS", 1)
    publisher.files = imdb_files()
    publisher.truncations = 1
    with pytest.raises(InputError):
        fetch("imdb", tmp_path, publisher.address)
    publisher.files["title.basics.tsv.gz"] = gzip.compress(b"a newer table\n" * 70_000, 1)
    publisher.versions["title.basics.tsv.gz"] = '"2"'
    fetch("imdb", tmp_path, publisher.address)
    assert (tmp_path / "title.basics.tsv.gz").read_bytes() == publisher.files["title.basics.tsv.gz"]


def test_a_file_that_is_not_an_archive_is_refused(publisher: Publisher, tmp_path: Path) -> None:
    publisher.files = dict.fromkeys(IMDB.files, b"<html>Sign in to the hotel's network</html>")
    with pytest.raises(InputError, match="is not a valid archive"):
        fetch("imdb", tmp_path, publisher.address)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["LICENCE-imdb.txt"]


def test_a_file_that_does_not_exist_is_named(publisher: Publisher, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Cannot download .*title\.basics\.tsv\.gz: 404"):
        fetch("imdb", tmp_path, publisher.address)


def test_movielens_is_converted_to_user_ratings_by_imdb_id(publisher: Publisher, tmp_path: Path) -> None:
    publisher.files = {"ml-latest-small.zip": movielens_zip()}
    digest = hashlib.md5(publisher.files["ml-latest-small.zip"], usedforsecurity=False).hexdigest()
    publisher.files["ml-latest-small.zip.md5"] = f"MD5 (ml-latest-small.zip) = {digest}\n".encode()
    fetched = fetch("movielens", tmp_path, publisher.address)
    assert fetched.ratings == 2
    assert rows(tmp_path / "user_rating.csv.gz") == [
        ["userID", "tconst", "rating", "review_date"],
        ["1", "tt0114709", "9", "2000-01-01T00:00:00Z"],
        ["2", "tt12345678", "1", "2000-01-01T00:00:01Z"],
    ]
    assert (tmp_path / "README-movielens.txt").read_text() == "Terms of MovieLens"


def test_a_zip_with_another_checksum_is_refused(publisher: Publisher, tmp_path: Path) -> None:
    publisher.files = {"ml-latest-small.zip": movielens_zip(), "ml-latest-small.zip.md5": b"0" * 32}
    with pytest.raises(InputError, match="expected the published"):
        fetch("movielens", tmp_path, publisher.address)
    assert not (tmp_path / "ml-latest-small.zip").exists()


def test_a_zip_with_other_columns_is_refused(publisher: Publisher, tmp_path: Path) -> None:
    publisher.files = {"ml-latest-small.zip": movielens_zip("user,movie\n1,2\n")}
    with pytest.raises(InputError, match="MovieLens's columns"):
        fetch("movielens", tmp_path, publisher.address)
    assert not (tmp_path / "user_rating.csv.gz").exists()


def test_movietweetings_is_converted_to_user_ratings(publisher: Publisher, tmp_path: Path) -> None:
    publisher.files = {"ratings.dat": b"1::0114508::8::1381006850\n2::0208092::0::1586466072\n"}
    assert fetch("movietweetings", tmp_path, publisher.address).ratings == 2
    assert rows(tmp_path / "user_rating.csv.gz")[1:] == [
        ["1", "tt0114508", "8", "2013-10-05T21:00:50Z"],
        ["2", "tt0208092", "0", "2020-04-09T21:01:12Z"],
    ]


@pytest.mark.parametrize(
    "line",
    [
        b"1,2,3",
        b"\xff\xfe::0114508::8::1381006850",
        *(b"1::0114508::8::" + b"9" * digits for digits in (12, 18, 25)),
    ],
)
def test_an_invalid_line_of_movietweetings_is_named(
    publisher: Publisher, tmp_path: Path, line: bytes
) -> None:
    publisher.files = {"ratings.dat": b"1::0114508::8::1381006850\n" + line + b"\n"}
    with pytest.raises(InputError, match=r"ratings\.dat:2: "):
        fetch("movietweetings", tmp_path, publisher.address)


@pytest.mark.parametrize("name", ["user_rating.csv", "user_rating.csv.gz"])
def test_ratings_from_elsewhere_are_kept_and_nothing_is_downloaded(
    publisher: Publisher, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(gzip.compress(b"my own ratings"))
    with pytest.raises(InputError, match="not written by `fetch movielens`"):
        fetch("movielens", tmp_path, publisher.address)
    assert publisher.requests == 0
    assert gzip.decompress((tmp_path / name).read_bytes()) == b"my own ratings"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_publisher_overwrites_only_its_own_ratings(publisher: Publisher, tmp_path: Path) -> None:
    publisher.files = {"ml-latest-small.zip": movielens_zip(), "ratings.dat": b"1::0114508::8::1381006850\n"}
    fetch("movielens", tmp_path, publisher.address)
    assert fetch("movielens", tmp_path, publisher.address).ratings == 2
    with pytest.raises(InputError, match="not written by `fetch movietweetings`"):
        fetch("movietweetings", tmp_path, publisher.address)


def test_tables_of_imdb_are_downloaded_next_to_the_users_ratings(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.files = imdb_files()
    (tmp_path / "user_rating.csv").write_text("my own ratings")
    fetch("imdb", tmp_path, publisher.address)
    assert (tmp_path / "user_rating.csv").read_text() == "my own ratings"


def test_a_complete_unchecked_file_is_verified_and_not_downloaded_again(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.files = {"ml-latest-small.zip": b"bytes that nobody should ask for"}
    (tmp_path / "ml-latest-small.zip.unchecked").write_bytes(movielens_zip())
    assert fetch("movielens", tmp_path, publisher.address).ratings == 2
    assert publisher.requests == 1  # the checksum


def test_a_download_is_kept_if_its_checksum_is_unavailable(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise InputError("Cannot download the checksum.")

    publisher.files = {"ml-latest-small.zip": movielens_zip()}
    monkeypatch.setattr("kgrec_gds.workflows.fetch.published_md5", away)
    with pytest.raises(InputError, match="checksum"):
        fetch("movielens", tmp_path, publisher.address)
    assert (tmp_path / "ml-latest-small.zip.unchecked").read_bytes() == movielens_zip()


def test_a_truncated_zip_is_named(publisher: Publisher, tmp_path: Path) -> None:
    (tmp_path / "ml-latest-small.zip").write_bytes(movielens_zip()[:-30])
    with pytest.raises(InputError, match=r"ml-latest-small\.zip is not a valid zip archive.*Remove it"):
        fetch("movielens", tmp_path, publisher.address)
