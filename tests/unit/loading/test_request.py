"""Options that contradict each other are refused before anything is read or started."""

import stat
from pathlib import Path
from typing import Any

import pytest

from kgrec_gds.client import import_
from kgrec_gds.errors import InputError
from kgrec_gds.loading.import_request import read_salt, run_request


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"imdb": None}, "one of --imdb DIR"),
        ({"imdb": Path("a"), "update_dir": Path("b")}, "one of --imdb DIR"),
        ({"imdb": Path("a"), "csv_only": True, "via": "bolt"}, "give one of them"),
        ({"imdb": None, "update_dir": Path("b"), "csv_only": True}, "without --csv-only"),
        ({"imdb": None, "update_dir": Path("b"), "preset": "paper"}, "preset default"),
    ],
)
def test_contradictions_are_refused(options: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        run_request(**options)


def test_neo4j_uri_needs_a_way(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NEO4J_URI", "neo4j://elsewhere:7687")
    with pytest.raises(InputError, match=r"neo4j://elsewhere:7687.*--via bolt.*--csv-only"):
        run_request(imdb=tmp_path)


def test_csv_only_needs_no_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from kgrec_gds.synthetic import GenerateSettings, generate

    # A home that cannot be made: whoever touches the managed server fails.
    (tmp_path / "file").touch()
    monkeypatch.setenv("KGREC_HOME", str(tmp_path / "file" / "home"))
    generate(tmp_path / "raw", GenerateSettings(users=20, movies=40, ratings_per_user=8))
    done = run_request(
        imdb=tmp_path / "raw",
        csv_dir=tmp_path / "csv",
        csv_only=True,
        quarantine=tmp_path / "set-aside.csv",
        hash_users=tmp_path / "salt",
    )
    assert done.way == "csv"
    assert done.nodes["Movie"] == 40
    users = (tmp_path / "csv" / "users.csv").read_text().splitlines()
    assert len(users) - 1 == done.nodes["User"]
    assert all(len(user) == 32 for user in users[1:])
    set_aside = (tmp_path / "set-aside.csv").read_text()
    assert "rating_outside_1_10" in set_aside
    assert done.quality_report.is_file()
    assert done.commands is not None
    assert str(tmp_path / "csv" / "movies.csv") in done.commands["local"]
    assert (tmp_path / "csv" / "schema.cypher").is_file()


def test_the_salt_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "salt"
    salt = read_salt(path)
    assert len(salt) >= 24
    assert read_salt(path) == salt
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text("\n")
    with pytest.raises(InputError, match="empty"):
        read_salt(path)


def test_a_csv_dir_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "csv").touch()
    with pytest.raises(InputError, match="--csv-dir"):
        run_request(imdb=tmp_path, csv_dir=tmp_path / "csv", csv_only=True)


def test_an_update_makes_no_new_salt(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        run_request(imdb=None, update_dir=tmp_path, hash_users=tmp_path / "salt")
    with pytest.raises(InputError, match="does not exist"):
        import_(tmp_path, update=True, hash_users=tmp_path / "salt")
    assert not (tmp_path / "salt").exists()
