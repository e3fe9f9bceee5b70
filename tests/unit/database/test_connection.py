from pathlib import Path

import pytest

from kgrec_gds.database.connection import Address, Connection, address_from_environment
from kgrec_gds.errors import ConnectionFailedError, InputError, UnreachableError


@pytest.fixture(autouse=True)
def no_database_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NEO4J_URI", "NEO4J_USERNAME", "NEO4J_PASSWORD", "NEO4J_DATABASE"):
        monkeypatch.delenv(name, raising=False)


def test_without_a_uri_the_managed_server_is_meant() -> None:
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
    with pytest.raises(InputError, match="should name NEO4J_URI"):
        address_from_environment(file)


def test_the_password_is_in_no_representation() -> None:
    assert "secret" not in repr(Address("bolt://localhost:1", password="secret"))


def test_nobody_answers() -> None:
    with pytest.raises(UnreachableError, match=r"Nobody answers at bolt://127\.0\.0\.1:1 "):
        Connection.open(Address("bolt://127.0.0.1:1"))


def test_an_address_that_is_none() -> None:
    with pytest.raises(ConnectionFailedError, match="should look like"):
        Connection.open(Address("http://127.0.0.1:7474"))
