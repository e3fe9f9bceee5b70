"""Downloads from an HTTP server that can truncate responses, ignore ranges, or send other content."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kgrec_gds import download
from kgrec_gds.errors import ServerError
from kgrec_gds.server.jar_download import cached_path, download_jars, repositories
from kgrec_gds.server.lockfile import Jar

CONTENT = bytes(range(256)) * 4096


class Repository(ThreadingHTTPServer):
    """Serves `files` by path; the first `cuts` answers end after `cut_after` bytes."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.cuts = 0
        self.cut_after = 1 << 18
        self.ranges = True
        self.requested: list[str | None] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Repository

    def do_GET(self) -> None:
        content = self.server.files.get(self.path.lstrip("/"))
        if content is None:
            self.send_error(404)
            return
        requested = self.headers["Range"]
        self.server.requested.append(requested)
        begin = int(requested.removeprefix("bytes=").rstrip("-")) if requested and self.server.ranges else 0
        body = content[begin:]
        self.send_response(206 if begin else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.server.cuts:
            self.server.cuts -= 1
            body = body[: self.server.cut_after]
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    monkeypatch.setenv("KGREC_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(download.time, "sleep", lambda _: None)
    with Repository() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def publish(repository: Repository, name: str = "a", content: bytes = CONTENT) -> Jar:
    jar = Jar("lib", f"org.example:{name}:jar:1", hashlib.sha256(content).hexdigest(), len(content))
    repository.files[str(jar.path)] = content
    return jar


def test_jars_are_downloaded_once(repository: Repository) -> None:
    jars = [publish(repository, name, name.encode() * 1000) for name in "abcdefgh"]
    assert download_jars(jars, [repository.address]) == len(jars)
    assert [cached_path(jar).read_bytes() for jar in jars] == [
        repository.files[str(jar.path)] for jar in jars
    ]
    assert download_jars(jars, [repository.address]) == 0
    assert len(repository.requested) == len(jars)


def test_a_truncated_response_is_resumed(repository: Repository) -> None:
    jar = publish(repository)
    repository.cuts = 2
    download_jars([jar], [repository.address])
    assert cached_path(jar).read_bytes() == CONTENT
    assert repository.requested == [None, f"bytes={1 << 18}-", f"bytes={2 << 18}-"]


def test_an_interrupted_download_is_resumed_by_the_next_run(repository: Repository) -> None:
    jar = publish(repository)
    repository.cuts = download.ATTEMPTS
    repository.cut_after = 1 << 16
    with pytest.raises(ServerError, match="IncompleteRead"):
        download_jars([jar], [repository.address])
    repository.requested.clear()
    download_jars([jar], [repository.address])
    assert repository.requested == [f"bytes={(1 << 16) * download.ATTEMPTS}-"]
    assert cached_path(jar).read_bytes() == CONTENT


def test_without_ranges_the_download_starts_again(repository: Repository) -> None:
    jar = publish(repository)
    repository.cuts, repository.ranges = 1, False
    download_jars([jar], [repository.address])
    assert cached_path(jar).read_bytes() == CONTENT


def test_a_jar_with_another_checksum_is_refused(repository: Repository) -> None:
    jar = publish(repository)
    repository.files[str(jar.path)] = CONTENT[:-1] + b"!"
    with pytest.raises(ServerError, match=r"org\.example:a:jar:1: .* SHA-256"):
        download_jars([jar], [repository.address])
    assert not cached_path(jar).exists()


def test_a_partial_file_with_other_content_is_discarded(repository: Repository) -> None:
    jar = publish(repository)
    target = cached_path(jar)
    target.parent.mkdir(parents=True)
    target.with_name(f"{target.name}.part").write_bytes(b"x" * (len(CONTENT) + 5))
    download_jars([jar], [repository.address])
    assert target.read_bytes() == CONTENT


def test_the_second_repository_is_used_if_the_first_lacks_the_jar(repository: Repository) -> None:
    jar = publish(repository)
    download_jars([jar], [f"{repository.address}/nowhere", repository.address])
    assert cached_path(jar).read_bytes() == CONTENT


def test_a_jar_that_does_not_exist_is_named(repository: Repository) -> None:
    with pytest.raises(ServerError, match=r"org\.example:gone:jar:1: .* 404"):
        download_jars([Jar("lib", "org.example:gone:jar:1", "0" * 64, 1)], [repository.address])


def test_a_mirror_in_jgos_configuration_replaces_maven_central(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "jgo.conf"
    settings.write_text("[repositories]\ncentral = http://mirror.example/maven\n")
    monkeypatch.setenv("JGO_CONFIG_FILE", str(settings))
    assert repositories() == {"central": "http://mirror.example/maven"}
