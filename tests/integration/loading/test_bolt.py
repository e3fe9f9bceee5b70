"""Merging and updating a running database over Bolt: loading the same rows twice changes nothing."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kgrec_gds.database.connection import Connection
from kgrec_gds.server.lifecycle import ensure_running
from kgrec_gds.server.server_files import ServerFiles

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def remote(own_home: Path) -> dict[str, str]:
    """Environment that names a running database, empty at first."""
    address = ensure_running(ServerFiles(own_home / "server")).address
    return {"NEO4J_URI": address.uri, "NEO4J_USERNAME": address.username, "NEO4J_PASSWORD": address.password}


@pytest.fixture(scope="module")
def loaded(cli: Any, raw: Path, remote: dict[str, str]) -> dict[str, Any]:
    return cli.json("import", "--imdb", raw, "--via", "bolt", **remote)


@pytest.fixture
def graph(loaded: dict[str, Any], own_home: Path) -> Iterator[Connection]:
    with Connection.open(ensure_running(ServerFiles(own_home / "server")).address) as graph:
        yield graph


def query(graph: Connection, text: str) -> list[Any]:
    return [record[0] for record in graph.driver.execute_query(text).records]


def table(path: Path, rows: list[str]) -> None:
    path.write_bytes(gzip.compress("".join(f"{row}\n" for row in rows).encode()))


def written(rows: dict[str, dict[str, int]]) -> dict[str, tuple[int, int]]:
    """(new, changed) of the tables of which anything was written."""
    return {name: (o["new"], o["changed"]) for name, o in rows.items() if o["new"] or o["changed"]}


def test_all_rows_are_new_at_first(loaded: dict[str, Any]) -> None:
    assert loaded["relationships"]["RATED"] == loaded["tables"]["user_ratings"]["rows_kept"]
    assert all(outcome["changed"] == outcome["unchanged"] == 0 for outcome in loaded["rows"].values())
    assert loaded["rows"]["movies"]["new"] == loaded["nodes"]["Movie"]


def test_special_characters_are_kept(graph: Connection, nasty: tuple[str, ...]) -> None:
    titles = query(
        graph, "MATCH (m:Movie) WHERE m.tconst STARTS WITH 'tt90000' RETURN m.title ORDER BY m.tconst"
    )
    assert tuple(titles) == nasty


def test_a_second_load_writes_nothing(
    cli: Any, raw: Path, remote: dict[str, str], loaded: dict[str, Any]
) -> None:
    again = cli.json("import", "--imdb", raw, "--via", "bolt", **remote)
    assert written(again["rows"]) == {}
    assert (again["nodes"], again["relationships"]) == (loaded["nodes"], loaded["relationships"])


def test_with_neo4j_uri_the_error_names_the_options(cli: Any, raw: Path, remote: dict[str, str]) -> None:
    code, output, error = cli.run("import", "--imdb", raw, "--json", **remote)
    assert (code, output) == (1, "")
    assert "--via bolt" in error
    assert "--csv-only" in error


def test_an_update_of_ratings_alone(
    cli: Any, graph: Connection, loaded: dict[str, Any], tmp_path: Path
) -> None:
    user, known = query(graph, "MATCH (u:User)-[r:RATED]->(m) RETURN [u.userId, m.tconst] LIMIT 1")[0]
    (unrated,) = query(
        graph,
        f"MATCH (m:Movie) WHERE NOT EXISTS {{ (:User {{userId: '{user}'}})-[:RATED]->(m) }} RETURN m.tconst LIMIT 1",
    )
    table(
        tmp_path / "user_rating.csv.gz",
        [
            "userID,tconst,rating,review_date",
            f"{user},{unrated},7,2023-05-01T10:00:00Z",
            f"newcomer,{unrated},9,2023-05-01T10:00:00Z",
            f"{user},{known},2,2023-05-02T10:00:00Z",
        ],
    )
    done = cli.json("import", "--update", tmp_path)
    assert written(done["rows"]) == {"users": (1, 0), "ratings": (2, 1)}
    assert done["relationships"]["RATED"] == loaded["relationships"]["RATED"] + 2
    assert done["rows"]["movies"] == {"new": 0, "changed": 0, "unchanged": 0}
    (rating,) = query(
        graph, f"MATCH (:User {{userId: '{user}'}})-[r:RATED]->(:Movie {{tconst: '{known}'}}) RETURN r.rating"
    )
    assert rating == 2.0
    assert written(cli.json("import", "--update", tmp_path)["rows"]) == {}


def test_an_older_rating_does_not_replace_a_newer_one(cli: Any, graph: Connection, tmp_path: Path) -> None:
    user, known = query(graph, "MATCH (u:User)-[:RATED]->(m) RETURN [u.userId, m.tconst] LIMIT 1")[0]
    table(
        tmp_path / "user_rating.csv.gz", ["userID,tconst,rating,review_date", f"{user},{known},1,1999-01-01"]
    )
    assert written(cli.json("import", "--update", tmp_path)["rows"]) == {}


def test_movies_without_a_key_are_ignored(cli: Any, graph: Connection, tmp_path: Path) -> None:
    user, known = query(graph, "MATCH (u:User)-[:RATED]->(m) RETURN [u.userId, m.tconst] LIMIT 1")[0]
    table(
        tmp_path / "user_rating.csv.gz", ["userID,tconst,rating,review_date", f"{user},{known},1,1999-01-01"]
    )
    query(graph, "CREATE (m:Movie {title: 'Of another tool'}) RETURN m.title")
    try:
        assert written(cli.json("import", "--update", tmp_path)["rows"]) == {}
    finally:
        query(graph, "MATCH (m:Movie) WHERE m.tconst IS NULL DELETE m RETURN count(*)")


def test_an_update_with_movies_and_people(
    cli: Any, graph: Connection, loaded: dict[str, Any], tmp_path: Path
) -> None:
    basics = "tconst titleType primaryTitle originalTitle isAdult startYear endYear runtimeMinutes genres"
    table(
        tmp_path / "title.basics.tsv.gz",
        [
            basics.replace(" ", "\t"),
            "tt8000001\tmovie\tBrand New\t\\N\t0\t2023\t\\N\t99\tDrama,Musical",
            "tt9000000\tmovie\tRenamed\t\\N\t0\t1999\t\\N\t\\N\tDrama",
        ],
    )
    table(
        tmp_path / "title.crew.tsv.gz",
        ["tconst\tdirectors\twriters", "tt8000001\tnm8000001\tnm9000000", "tt9000001\tnm8000001\t\\N"],
    )
    table(
        tmp_path / "name.basics.tsv.gz",
        [
            "nconst\tprimaryName\tbirthYear\tdeathYear\tprimaryProfession\tknownForTitles",
            "nm8000001\tNew Director\t\\N\t\\N\t\\N\t\\N",
        ],
    )
    done = cli.json("import", "--update", tmp_path)
    assert written(done["rows"]) == {
        "movies": (1, 1),
        "persons": (1, 1),  # the known person becomes a writer
        "genres": (1, 0),
        "directed": (2, 0),
        "wrote": (1, 0),
        "has_genre": (2, 0),
    }
    assert done["rows"]["movies"]["unchanged"] == 0
    # Values missing from the update are kept.
    assert query(
        graph, "MATCH (p:Person:Director:Writer {nconst: 'nm9000000'}) RETURN p.name IS NOT NULL"
    ) == [True]
    assert query(graph, "MATCH (m:Movie {tconst: 'tt9000000'}) RETURN m.title") == ["Renamed"]
    assert written(cli.json("import", "--update", tmp_path)["rows"]) == {}
