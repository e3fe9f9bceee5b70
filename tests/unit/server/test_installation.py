import errno
import hashlib
import os
from pathlib import Path

import pytest

from kgrec_gds.errors import ServerError
from kgrec_gds.server import installation, lockfile
from kgrec_gds.server import jar_download as download
from kgrec_gds.server import plugin_build as plugin
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
    """A home, and a cache that holds a lock file of three small jars; the compiler is a stand-in."""
    monkeypatch.setenv("KGREC_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(lockfile, "_shipped", lambda: lockfile.write(JARS))
    monkeypatch.setattr(plugin, "build", lambda java, jars, ecj, out: out.write_bytes(b"built"))
    for entry in JARS:
        path = download.cached_path(entry)
        path.parent.mkdir(parents=True)
        path.write_bytes(entry.coordinate.encode())
    return ServerFiles(tmp_path / "server")


def test_each_jar_lies_in_its_folder(files: ServerFiles) -> None:
    installed = installation.install(files)
    assert (installed.neo4j, installed.gds, installed.jars_downloaded) == ("1", "2", 0)
    assert [path.name for path in files.lib.iterdir()] == ["neo4j-1.jar"]
    assert sorted(path.name for path in files.plugins.iterdir()) == ["kgrec.jar", "proc-2.jar"]
    assert [path.name for path in files.tools.iterdir()] == ["ecj-3.jar"]
    assert not installation.install(files).changed


def test_a_cached_jar_that_was_changed_is_refused_and_removed(files: ServerFiles) -> None:
    changed = download.cached_path(JARS[0])
    changed.write_bytes(b"something else")
    with pytest.raises(ServerError, match=r"neo4j-1\.jar should have the locked SHA-256"):
        installation.install(files)
    assert not changed.exists()
    assert not installation.is_installed(files)


def test_a_jar_that_the_lock_no_longer_names_is_removed(files: ServerFiles) -> None:
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


def test_a_plugin_that_does_not_compile_is_told_and_tried_again(
    files: ServerFiles, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise ServerError("The plugin should compile")

    with monkeypatch.context() as patch:
        patch.setattr(plugin, "build", fail)
        assert not installation.install(files).plugin
    assert "should compile" in capsys.readouterr().err
    assert installation.install(files).plugin
