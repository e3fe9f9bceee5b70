import socket
import threading
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kgrec_gds.database.connection import Address, Connection, address_from_environment
from kgrec_gds.errors import ConnectionFailedError, InputError, UnreachableError


@pytest.fixture(autouse=True)
def no_database_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NEO4J_URI", "NEO4J_USERNAME", "NEO4J_PASSWORD", "NEO4J_DATABASE"):
        monkeypatch.delenv(name, raising=False)


def test_no_uri_stands_for_the_managed_server() -> None:
    assert address_from_environment() is None


def test_the_environment_names_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_URI", "bolt://localhost:1")
    monkeypatch.setenv("NEO4J_PASSWORD", "secret")
    assert address_from_environment() == Address("bolt://localhost:1", "neo4j", "secret", "neo4j")


def test_aura_s_credential_file_wins_over_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEO4J_URI", "bolt://elsewhere:1")
    file = tmp_path / "Neo4j-credentials.txt"
    file.write_text(
        "# Wait 60 seconds before connecting\nNEO4J_URI=neo4j+s://x.databases.example\nNEO4J_USERNAME=me\n"
        "NEO4J_PASSWORD=a=b\nNEO4J_DATABASE=me\nAURA_INSTANCEID=x\n"
    )
    assert address_from_environment(file) == Address("neo4j+s://x.databases.example", "me", "a=b", "me")


def test_an_env_file_without_a_uri_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "empty.env"
    file.write_text("\n  # nothing\n")
    with pytest.raises(InputError, match="No NEO4J_URI in"):
        address_from_environment(file)


def test_the_repr_of_an_address_hides_the_password() -> None:
    assert "secret" not in repr(Address("bolt://localhost:1", password="secret"))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_an_env_file_of_a_windows_editor_is_read_or_named(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "saved.env"
    file.write_text("NEO4J_URI=bolt://h:1\r\nNEO4J_PASSWORD=é\r\n", encoding=encoding)
    if encoding == "utf-8-sig":
        assert address_from_environment(file) == Address("bolt://h:1", password="é")
    else:
        with pytest.raises(InputError, match="is not UTF-8 text"):
            address_from_environment(file)


@pytest.mark.parametrize(
    "uri",
    ["neo4j://me:s3cret@host:7687", "bolt://me:s3/cret@host", "bolt://me:s3cr@t@host", "me:s3cret@host"],
)
def test_a_password_in_the_address_is_shown_nowhere(monkeypatch: pytest.MonkeyPatch, uri: str) -> None:
    monkeypatch.setenv("NEO4J_URI", uri)
    with pytest.raises(ConnectionFailedError, match="Set NEO4J_USERNAME and NEO4J_PASSWORD") as raised:
        address_from_environment()
    assert "s3" not in str(raised.value)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "localhost:7687",
        "http://127.0.0.1:7474",
        "neo4j://",
        "bolt://:7687",
        "bolt://h:0",
        "bolt://h:99999",
        "bolt://h:port",
        "bolt://[::1",
        "bolt://a..b",
        "bolt://" + "a" * 70,
        "neo4j://a b",
        "neo4j://a\x1b[2J",
    ],
)
def test_an_address_that_the_driver_cannot_parse_is_refused(uri: str) -> None:
    with pytest.raises(ConnectionFailedError, match="Invalid database address") as raised:
        Connection.open(Address(uri))
    assert str(raised.value).isprintable()


def test_tls_against_a_server_without_it_is_reported() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        uri = f"127.0.0.1:{listener.getsockname()[1]}"

        def answer() -> None:
            accepted, _ = listener.accept()
            with accepted:
                accepted.recv(1)
                accepted.sendall(b"no TLS")

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(UnreachableError, match=f"a server without TLS needs bolt://{uri}, one with"):
            Connection.open(Address(f"bolt+s://{uri}"))
        thread.join()


def test_an_unreachable_server_is_reported() -> None:
    with pytest.raises(UnreachableError, match=r"Cannot reach bolt://127\.0\.0\.1:1 "):
        Connection.open(Address("bolt://127.0.0.1:1"))


class RecordingDriver:
    """Takes every query and answers with no records."""

    def __init__(self) -> None:
        self.queries: list[str] = []

    def execute_query(self, text: str, *_: object, **__: object) -> SimpleNamespace:
        self.queries.append(text)
        return SimpleNamespace(records=[])


def test_a_tracer_is_called_before_each_query_with_name_and_parameters() -> None:
    driver, traced = RecordingDriver(), []

    def tracer(name: str, parameters: Mapping[str, Any]) -> None:
        traced.append((name, dict(parameters), len(driver.queries)))

    connection = Connection(driver, tracer=tracer)  # type: ignore[arg-type]  # a stand-in for the driver
    connection.run("client/answers")
    connection.run("client/predictions", users=["1"], modelId=None)
    assert traced == [
        ("client/answers", {}, 0),
        ("client/predictions", {"users": ["1"], "modelId": None}, 1),
    ]
    assert len(driver.queries) == 2
