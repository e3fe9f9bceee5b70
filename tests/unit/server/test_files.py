from pathlib import Path

import pytest

from kgrec_gds.errors import ServerError
from kgrec_gds.server import credentials
from kgrec_gds.server.server_files import DataFolders, ServerFiles, read_json, write_text


@pytest.fixture
def files(tmp_path: Path) -> ServerFiles:
    files = ServerFiles(tmp_path / "server")
    files.make()
    return files


def test_the_current_data_directory_is_kept(files: ServerFiles) -> None:
    first = DataFolders(files).current()
    assert first.is_dir()
    assert DataFolders(files).current() == first


def test_a_fresh_directory_is_not_current_until_the_switch(files: ServerFiles) -> None:
    folders = DataFolders(files)
    old, new = folders.current(), folders.fresh()
    assert folders.current() == old
    folders.switch(new)
    assert folders.current() == new
    assert folders.remove_others() == [old.name]
    assert not old.exists()
    assert new.is_dir()


def test_a_killed_switch_leaves_the_old_data_current(files: ServerFiles) -> None:
    folders = DataFolders(files)
    old = folders.current()
    (folders.root / ".current.1.abc").write_text(folders.fresh().name)
    assert folders.current() == old
    folders.remove_others()
    assert folders.current() == old


@pytest.mark.parametrize("name", ["josé", "дом", "映画", "a b", "a:b", "it's (mine)"])
def test_a_home_can_have_a_name_of_any_alphabet(tmp_path: Path, name: str) -> None:
    files = ServerFiles(tmp_path / name)
    files.make()
    assert files.conf.is_dir()


@pytest.mark.parametrize("name", ["🎬", "[a]", "50%", "a#b", "a,b", "a=b", "a\nb", "what?"])
def test_a_home_that_neo4j_cannot_use_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(ServerError, match="Set KGREC_HOME to a folder without them"):
        ServerFiles(tmp_path / name).make()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["gone", "..", ".", "../data", "/tmp", ""])
def test_a_current_directory_that_is_none_of_them_is_an_error(files: ServerFiles, name: str) -> None:
    folders = DataFolders(files)
    there = folders.current()
    write_text(folders.root / "current", f"{name}\n")
    with pytest.raises(ServerError, match=there.name):
        folders.current()


def test_only_directories_of_the_home_can_be_current(files: ServerFiles, tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="expected a folder in"):
        DataFolders(files).switch(tmp_path)


def test_the_password_is_generated_once_and_readable_only_by_its_owner(files: ServerFiles) -> None:
    password = credentials.password(files)
    assert files.password.read_text() == password
    assert files.password.stat().st_mode & 0o777 == 0o600
    assert len(password) >= 24
    assert credentials.password(files) == password


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        ("päss".encode("latin-1"), "is not UTF-8 text"),
        (b"one\ntwo", "has several lines"),
        (b"a\x1b[2Jb", "control characters"),
    ],
)
def test_a_file_without_a_password_is_an_error(files: ServerFiles, content: bytes, problem: str) -> None:
    files.password.write_bytes(content)
    with pytest.raises(ServerError, match=problem):
        credentials.password(files)


def test_a_password_written_with_a_byte_order_mark_is_read(files: ServerFiles) -> None:
    files.password.write_text("my password\r\n", encoding="utf-8-sig")
    assert credentials.password(files) == "my password"


def test_instances_share_only_jars_and_password(files: ServerFiles) -> None:
    other = ServerFiles(files.root, "import")
    assert (other.lib, other.plugins, other.password) == (files.lib, files.plugins, files.password)
    assert {other.conf, other.logs, other.run, other.record}.isdisjoint(
        {files.conf, files.logs, files.run, files.record}
    )


@pytest.mark.parametrize("text", ["", "{", "[1]"])
def test_a_damaged_record_reads_as_empty(tmp_path: Path, text: str) -> None:
    (tmp_path / "record").write_text(text)
    assert read_json(tmp_path / "record") == {}
