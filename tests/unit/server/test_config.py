from pathlib import Path

import pytest

from kgrec_gds.errors import InputError
from kgrec_gds.server import blas, neo4j_config
from kgrec_gds.server.java import Java
from kgrec_gds.server.memory import Memory
from kgrec_gds.server.ports import Ports
from kgrec_gds.server.server_files import ServerFiles, write_text


@pytest.fixture
def files(tmp_path: Path) -> ServerFiles:
    files = ServerFiles(tmp_path / "server")
    files.make()
    return files


def test_the_server_listens_on_the_loopback_interface_only(files: ServerFiles) -> None:
    settings = neo4j_config.settings(files, files.root / "data", Ports(1111, 2222), Memory("1g", "256m"))
    listening = {name: value for name, value in settings.items() if "listen_address" in name}
    assert len(listening) == 3
    assert all(str(value).startswith("127.0.0.1") for value in listening.values())
    assert settings["server.bolt.advertised_address"] == "127.0.0.1:1111"
    assert settings["dbms.security.auth_enabled"] == "true"
    assert settings["dbms.usage_report.enabled"] == "false"


def test_the_password_is_in_neither_configuration_nor_command_line(files: ServerFiles) -> None:
    write_text(files.password, "secret-password")
    path = neo4j_config.write(files, files.root / "data", Ports(1, 2), Memory("1g", "256m"))
    command = neo4j_config.server_command(files, Java(Path("java"), "25"), Memory("1g", "256m"))
    assert "secret-password" not in path.read_text() + " ".join(command)


def test_memory_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, files: ServerFiles) -> None:
    monkeypatch.setenv("KGREC_HEAP", "3g")
    monkeypatch.setenv("KGREC_PAGE_CACHE", "300M")
    memory = Memory.choose()
    assert memory == Memory("3g", "300M", given=True)
    assert "-Xmx3g" in neo4j_config.server_command(files, Java(Path("java"), "22.0.1"), memory)


@pytest.mark.parametrize("value", ["much", "2", "2 g", "-1g"])
def test_an_invalid_size_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("KGREC_HEAP", value)
    with pytest.raises(InputError, match="KGREC_HEAP"):
        Memory.choose()


@pytest.mark.parametrize(("heap", "initial"), [("128m", "128m"), ("2g", "256m"), ("2097152k", "256m")])
def test_the_initial_heap_is_at_most_the_maximum_heap(files: ServerFiles, heap: str, initial: str) -> None:
    command = neo4j_config.server_command(files, Java(Path("java"), "25"), Memory(heap, "64m"))
    assert f"-Xms{initial}" in command


def test_the_plugin_gets_the_path_of_numpys_openblas(files: ServerFiles) -> None:
    found = blas.library()
    if found is None:
        pytest.skip("numpy multiplies without OpenBLAS here")
    command = neo4j_config.server_command(files, Java(Path("java"), "25"), Memory("1g", "64m"))
    assert f"-Dkgrec.blas={found}" in command
    assert found.is_file()
