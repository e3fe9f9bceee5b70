"""Arguments that contradict each other are refused early, and CSV can be written without a server."""

from pathlib import Path
from typing import Any

import pytest

from kgrec_gds.cli.import_ import summary
from kgrec_gds.errors import InputError
from kgrec_gds.synthetic import SyntheticDataSettings, generate
from kgrec_gds.workflows.import_ import import_


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "Pass either imdb"),
        ({"imdb": Path("a"), "update": Path("b")}, "Pass either imdb"),
        ({"imdb": Path("a"), "csv_only": True, "via": "bolt"}, "csv_only loads nothing"),
        ({"update": Path("b"), "csv_only": True}, "csv_only loads nothing"),
        ({"update": Path("b"), "preset": "paper"}, "only the preset 'default'"),
        ({"imdb": Path("a"), "via": "http"}, "expected 'bolt'"),
        (
            {"imdb": Path("a"), "csv_only": True, "predictions": Path("p")},
            "only with a whole managed database",
        ),
        ({"imdb": Path("a"), "predictions": Path("p")}, "holds no complete predictions"),
        ({"imdb": Path("a"), "min_stars": 3}, "Unknown cleaning rule min_stars"),
    ],
)
def test_contradictory_arguments_are_refused(
    arguments: dict[str, Any], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NEO4J_URI", raising=False)
    with pytest.raises(InputError, match=message):
        import_(**arguments)


def test_only_the_managed_database_is_replaced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NEO4J_URI", "neo4j://elsewhere:7687")
    with pytest.raises(InputError, match=r"neo4j://elsewhere:7687.*--via bolt.*--csv-only"):
        import_(imdb=tmp_path)


def test_writing_csv_needs_no_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # A home that cannot be created: any use of the managed server fails.
    (tmp_path / "file").touch()
    monkeypatch.setenv("KGREC_HOME", str(tmp_path / "file" / "home"))
    generate(tmp_path / "raw", SyntheticDataSettings(users=20, movies=40, ratings_per_user=8))
    result = import_(
        imdb=tmp_path / "raw",
        csv_dir=tmp_path / "csv",
        csv_only=True,
        quarantine=tmp_path / "quarantine.csv",
        hash_users=tmp_path / "salt",
        max_bad_share=None,
    )
    assert result.mode == "csv"
    assert result.nodes["Movie"] == 40
    users = (tmp_path / "csv" / "users.csv").read_text().splitlines()
    assert len(users) - 1 == result.nodes["User"]
    assert all(len(user) == 32 for user in users[1:])
    assert "rating_outside_1_10" in (tmp_path / "quarantine.csv").read_text()
    assert result.quality_report.is_file()
    assert result.commands is not None
    assert str(tmp_path / "csv" / "movies.csv") in result.commands["local"]
    assert (tmp_path / "csv" / "schema.cypher").is_file()


def test_only_the_owner_can_read_what_an_import_writes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KGREC_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    generate(tmp_path / "raw", SyntheticDataSettings(users=20, movies=40, ratings_per_user=8))
    (tmp_path / "quarantine.csv").touch(0o644)
    result = import_(imdb=tmp_path / "raw", csv_only=True, quarantine=tmp_path / "quarantine.csv")
    assert result.csv_dir == tmp_path / "home" / "import"
    written = [tmp_path / "home", *(tmp_path / "home").rglob("*"), tmp_path / "quarantine.csv"]
    assert len(written) > 20
    assert [path for path in written if path.stat().st_mode & 0o077] == []
    (tmp_path / "other").touch()
    assert (tmp_path / "other").stat().st_mode & 0o044, "files of the caller are not made private"


def test_a_csv_dir_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "csv").touch()
    with pytest.raises(InputError, match="Invalid csv_dir"):
        import_(imdb=tmp_path, csv_dir=tmp_path / "csv", csv_only=True)


@pytest.mark.parametrize("name", ["a,b", "a=b"])
def test_a_csv_dir_that_neo4j_admin_would_split_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="neo4j-admin splits names"):
        import_(imdb=tmp_path, csv_dir=tmp_path / name, csv_only=True)


def test_an_update_needs_the_salt_of_the_import(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No salt file"):
        import_(update=tmp_path, hash_users=tmp_path / "salt")
    assert not (tmp_path / "salt").exists()


def test_a_quarantine_that_is_a_folder_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Invalid quarantine"):
        import_(imdb=tmp_path, csv_dir=tmp_path / "csv", csv_only=True, quarantine=tmp_path)


def test_ratings_without_a_movie_are_said(tmp_path: Path) -> None:
    generate(tmp_path / "raw", SyntheticDataSettings(users=20, movies=40, ratings_per_user=8))
    ratings = tmp_path / "ratings.csv"
    ratings.write_text(
        "userID,tconst,rating,review_date\nu1,tt0000001,7,2020-01-01\nu1,tt9000001,7,2020-01-01\n"
    )
    result = import_(imdb=tmp_path / "raw", ratings=ratings, csv_dir=tmp_path / "csv", csv_only=True)
    (warning,) = result.warnings
    assert "1 of the 2 valid ratings" in warning
    assert "(50%)" in warning
    assert "first in line 3: 'u1,tt9000001,7,2020-01-01'" in warning
    assert f"Warning: {warning}" in summary(result)
