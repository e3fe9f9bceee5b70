from pathlib import Path

import pytest

from kgrec_gds.errors import InputError
from kgrec_gds.server import blas
from kgrec_gds.server import neo4j_config as config
from kgrec_gds.server.java import Java
from kgrec_gds.server.neo4j_config import Memory
from kgrec_gds.server.ports import Ports
from kgrec_gds.server.server_files import ServerFiles, write_text


@pytest.fixture
def files(tmp_path: Path) -> ServerFiles:
    files = ServerFiles(tmp_path / "server")
    files.make()
    return files


def test_the_server_listens_on_the_loopback_only(files: ServerFiles) -> None:
    settings = config.settings(files, files.root / "data", Ports(1111, 2222), Memory("1g", "256m"))
    listening = {name: value for name, value in settings.items() if "listen_address" in name}
    assert len(listening) == 3
    assert all(str(value).startswith("127.0.0.1") for value in listening.values())
    assert settings["server.bolt.advertised_address"] == "127.0.0.1:1111"
    assert settings["dbms.security.auth_enabled"] == "true"
    assert settings["dbms.usage_report.enabled"] == "false"


def test_no_secret_stands_in_configuration_or_command_line(files: ServerFiles) -> None:
    write_text(files.password, "geheim")
    path = config.write(files, files.root / "data", Ports(1, 2), Memory("1g", "256m"))
    command = config.server_command(files, Java(Path("java"), "25"), Memory("1g", "256m"))
    assert "geheim" not in path.read_text() + " ".join(command)


def test_memory_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, files: ServerFiles) -> None:
    monkeypatch.setenv("KGREC_HEAP", "3g")
    monkeypatch.setenv("KGREC_PAGE_CACHE", "300M")
    memory = Memory.from_environment()
    assert memory == Memory("3g", "300M")
    assert "-Xmx3g" in config.server_command(files, Java(Path("java"), "22.0.1"), memory)


@pytest.mark.parametrize("value", ["much", "2", "2 g", "-1g"])
def test_a_size_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("KGREC_HEAP", value)
    with pytest.raises(InputError, match="KGREC_HEAP"):
        Memory.from_environment()


@pytest.mark.parametrize(("heap", "initial"), [("128m", "128m"), ("2g", "256m"), ("2097152k", "256m")])
def test_the_heap_never_begins_larger_than_it_may_become(files: ServerFiles, heap: str, initial: str) -> None:
    command = config.server_command(files, Java(Path("java"), "25"), Memory(heap, "64m"))
    assert f"-Xms{initial}" in command


def test_the_plugin_is_told_of_the_matrix_products_that_numpy_brings(files: ServerFiles) -> None:
    found = blas.library()
    if found is None:
        pytest.skip("numpy multiplies without OpenBLAS here")
    command = config.server_command(files, Java(Path("java"), "25"), Memory("1g", "64m"))
    assert f"-Dkgrec.blas={found}" in command
    assert found.is_file()
