"""Downloads against a small HTTP server that can cut answers short, ignore ranges, or lie."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kgrec_gds.errors import ServerError
from kgrec_gds.server import jar_download as download
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
        self.asked: list[str | None] = []

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
        asked = self.headers["Range"]
        self.server.asked.append(asked)
        begin = int(asked.removeprefix("bytes=").rstrip("-")) if asked and self.server.ranges else 0
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


def test_jars_arrive_whole_and_are_not_asked_for_again(repository: Repository) -> None:
    jars = [publish(repository, name, name.encode() * 1000) for name in "abcdefgh"]
    assert download.fetch(jars, [repository.address]) == len(jars)
    assert [download.cached_path(jar).read_bytes() for jar in jars] == [
        repository.files[str(jar.path)] for jar in jars
    ]
    assert download.fetch(jars, [repository.address]) == 0
    assert len(repository.asked) == len(jars)


def test_an_answer_cut_short_is_resumed_where_it_stopped(repository: Repository) -> None:
    jar = publish(repository)
    repository.cuts = 2
    download.fetch([jar], [repository.address])
    assert download.cached_path(jar).read_bytes() == CONTENT
    assert repository.asked == [None, f"bytes={1 << 18}-", f"bytes={2 << 18}-"]


def test_what_an_interrupted_run_left_is_used_by_the_next(repository: Repository) -> None:
    jar = publish(repository)
    repository.cuts = download.ATTEMPTS
    repository.cut_after = 1 << 16
    with pytest.raises(ServerError, match="IncompleteRead"):
        download.fetch([jar], [repository.address])
    repository.asked.clear()
    download.fetch([jar], [repository.address])
    assert repository.asked == [f"bytes={(1 << 16) * download.ATTEMPTS}-"]
    assert download.cached_path(jar).read_bytes() == CONTENT


def test_a_server_without_ranges_sends_all_again(repository: Repository) -> None:
    jar = publish(repository)
    repository.cuts, repository.ranges = 1, False
    download.fetch([jar], [repository.address])
    assert download.cached_path(jar).read_bytes() == CONTENT


def test_another_content_than_the_locked_one_is_refused(repository: Repository) -> None:
    jar = publish(repository)
    repository.files[str(jar.path)] = CONTENT[:-1] + b"!"
    with pytest.raises(ServerError, match=r"org\.example:a:jar:1 .* SHA-256"):
        download.fetch([jar], [repository.address])
    assert not download.cached_path(jar).exists()


def test_a_partial_file_of_something_else_is_thrown_away(repository: Repository) -> None:
    jar = publish(repository)
    target = download.cached_path(jar)
    target.parent.mkdir(parents=True)
    target.with_name(f"{target.name}.part").write_bytes(b"x" * (len(CONTENT) + 5))
    download.fetch([jar], [repository.address])
    assert target.read_bytes() == CONTENT


def test_the_second_repository_serves_what_the_first_lacks(repository: Repository) -> None:
    jar = publish(repository)
    download.fetch([jar], [f"{repository.address}/nowhere", repository.address])
    assert download.cached_path(jar).read_bytes() == CONTENT


def test_a_jar_nobody_has_is_named(repository: Repository) -> None:
    with pytest.raises(ServerError, match=r"org\.example:gone:jar:1 .* 404"):
        download.fetch([Jar("lib", "org.example:gone:jar:1", "0" * 64, 1)], [repository.address])


def test_a_mirror_of_jgo_s_configuration_takes_central_s_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "jgo.conf"
    settings.write_text("[repositories]\ncentral = http://mirror.example/maven\n")
    monkeypatch.setenv("JGO_CONFIG_FILE", str(settings))
    assert download.repositories() == {"central": "http://mirror.example/maven"}
