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


def test_an_unreachable_server_is_reported() -> None:
    with pytest.raises(UnreachableError, match=r"Cannot reach bolt://127\.0\.0\.1:1 "):
        Connection.open(Address("bolt://127.0.0.1:1"))


def test_an_address_other_than_bolt_is_refused() -> None:
    with pytest.raises(ConnectionFailedError, match="Invalid database address 'http://"):
        Connection.open(Address("http://127.0.0.1:7474"))


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
