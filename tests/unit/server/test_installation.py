import errno
import hashlib
import os
from pathlib import Path

import pytest

from kgrec_gds.errors import ServerError
from kgrec_gds.server import installation, jar_download, lockfile, plugin_build
from kgrec_gds.server.lockfile import Jar
from kgrec_gds.server.server_files import ServerFiles


def jar(folder: str, coordinate: str) -> Jar:
    content = coordinate.encode()
    return Jar(folder, coordinate, hashlib.sha256(content).hexdigest(), len(content))


JARS = [
    jar("lib", "org.neo4j:neo4j:jar:1"),
    jar("plugins", "org.neo4j.gds:proc:jar:2"),
    jar("tools", "org.eclipse.jdt:ecj:jar:3"),
]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ServerFiles:
    """A home, a lock file of three small jars, and a cache with them; the compiler is a stand-in."""
    monkeypatch.setenv("KGREC_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(lockfile, "_shipped", lambda: lockfile.write(JARS))
    monkeypatch.setattr(plugin_build, "build", lambda java, jars, ecj, out: out.write_bytes(b"built"))
    for entry in JARS:
        path = jar_download.cached_path(entry)
        path.parent.mkdir(parents=True)
        path.write_bytes(entry.coordinate.encode())
    return ServerFiles(tmp_path / "server")


def test_each_jar_is_installed_into_its_folder(files: ServerFiles) -> None:
    installed = installation.install(files)
    assert (installed.neo4j, installed.gds, installed.jars_downloaded) == ("1", "2", 0)
    assert [path.name for path in files.lib.iterdir()] == ["neo4j-1.jar"]
    assert sorted(path.name for path in files.plugins.iterdir()) == ["kgrec.jar", "proc-2.jar"]
    assert [path.name for path in files.tools.iterdir()] == ["ecj-3.jar"]
    assert not installation.install(files).changed


def test_a_cached_jar_that_was_changed_is_refused_and_removed(files: ServerFiles) -> None:
    changed = jar_download.cached_path(JARS[0])
    changed.write_bytes(b"something else")
    with pytest.raises(ServerError, match=r"neo4j-1\.jar did not have the locked SHA-256"):
        installation.install(files)
    assert not changed.exists()
    assert not installation.is_installed(files)


def test_a_jar_that_is_no_longer_locked_is_removed(files: ServerFiles) -> None:
    files.make()
    old = files.plugins / "proc-1.jar"
    old.touch()
    installation.install(files)
    assert not old.exists()


def test_without_hard_links_jars_are_copied(files: ServerFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EXDEV, "another file system")

    monkeypatch.setattr(os, "link", refuse)
    installation.install(files)
    assert (files.lib / "neo4j-1.jar").read_bytes() == JARS[0].coordinate.encode()


def test_a_plugin_that_does_not_compile_is_reported_and_tried_again(
    files: ServerFiles, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise ServerError("The plugin does not compile")

    with monkeypatch.context() as patch:
        patch.setattr(plugin_build, "build", fail)
        assert not installation.install(files).plugin
    assert "does not compile" in caplog.text
    assert installation.install(files).plugin
