"""Imports into the managed server: the loaded graph, failures that keep the old database, and replacement.

The tests run in order on one home: the first import fills it, the failures must keep it, and the last replaces it.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import psutil
import pytest

from kgrec_gds.cleaning import CleaningRules, clean
from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import LoadError
from kgrec_gds.loading.clean_tables import CleanTables, write_csv
from kgrec_gds.loading.graph_counts import GraphCounts, count_graph
from kgrec_gds.loading.replace_database import INSTANCE, replace_database
from kgrec_gds.progress import Timer
from kgrec_gds.server.lifecycle import ensure_running
from kgrec_gds.server.process import find, find_admin
from kgrec_gds.server.server_files import DataFolders, ServerFiles

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def first(cli: Any, raw: Path) -> dict[str, Any]:
    return cli.json("import", "--imdb", raw)


@pytest.fixture
def served(first: dict[str, Any], own_home: Path) -> Iterator[Connection]:
    """The current database, which a failed import must not change."""
    with Connection.open(ensure_running(ServerFiles(own_home / "server")).address) as graph:
        yield graph


@pytest.fixture(scope="module")
def tables(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CleanTables]:
    result = clean(raw, None, CleaningRules(), out=tmp_path_factory.mktemp("clean") / "out")
    tables = CleanTables(result.folder)
    yield tables
    tables.close()


def as_first(graph: Connection, first: dict[str, Any]) -> bool:
    return count_graph(graph) == GraphCounts(first["nodes"], first["relationships"])


def query(graph: Connection, text: str, **parameters: object) -> list[Any]:
    return [
        record[0] for record in graph.driver.execute_query(text, parameters, database_=graph.database).records
    ]


def test_the_graph_agrees_with_the_report(served: Connection, first: dict[str, Any]) -> None:
    assert first["mode"] == "replace"
    assert as_first(served, first)
    kept = first["tables"]["user_ratings"]
    assert first["relationships"]["RATED"] == kept["rows_kept"] == kept["rows_in"] - 3
    assert kept["faults"] == {"rating_outside_1_10": 2}
    assert kept["unknown"] == {"unknown_title": 1}
    assert {"clean", "csv", "load", "verify"} <= first["seconds"].keys()


def test_types_and_keys_follow_the_graph_schema(served: Connection) -> None:
    (types,) = query(
        served,
        """MATCH (u:User)-[r:RATED]->(m:Movie)<-[a:ACTED_IN]-() WHERE m.averageRating IS NOT NULL
        WITH u, r, m, a LIMIT 1
        RETURN [x IN [u.userId, r.rating, r.ratedAt, m.year, m.averageRating, m.numVotes, a.ordering] | valueType(x)]""",
    )
    kinds = ["STRING", "FLOAT", "INTEGER", "INTEGER", "FLOAT", "INTEGER", "INTEGER"]
    assert [name.split()[0] for name in types] == kinds
    constraints = query(served, "SHOW CONSTRAINTS YIELD name RETURN name")
    assert {"movie_tconst", "person_nconst", "genre_name", "user_id"} <= set(constraints)


def test_special_characters_are_kept(served: Connection, nasty: tuple[str, ...]) -> None:
    titles = query(
        served, "MATCH (m:Movie) WHERE m.tconst STARTS WITH 'tt90000' RETURN m.title ORDER BY m.tconst"
    )
    names = query(
        served, "MATCH (p:Person) WHERE p.nconst STARTS WITH 'nm90000' RETURN p.name ORDER BY p.nconst"
    )
    assert tuple(titles) == nasty
    assert tuple(names) == nasty


def test_damaged_input_keeps_the_database(
    served: Connection, cli: Any, first: dict[str, Any], raw: Path, tmp_path: Path
) -> None:
    for path in raw.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    whole = (raw / "title.principals.tsv.gz").read_bytes()
    (tmp_path / "title.principals.tsv.gz").write_bytes(whole[: len(whole) // 2])
    code, output, error = cli.run("import", "--imdb", tmp_path, "--json")
    assert code == 1
    assert output == ""
    assert "title.principals.tsv.gz" in error
    assert "Traceback" not in error
    assert as_first(served, first)


def test_a_failed_neo4j_admin_keeps_the_database(
    served: Connection, first: dict[str, Any], tables: CleanTables, tmp_path: Path, own_home: Path
) -> None:
    csv = write_csv(tables, tmp_path)
    with (tmp_path / "ratings.csv").open("a") as file:
        file.write("nobody,tt0000001,5.0,0\n")
    with pytest.raises(LoadError, match="neo4j-admin"):
        replace_database(csv, tables.counts(), Timer())
    assert as_first(served, first)
    assert_no_leftovers(own_home)


def test_different_counts_keep_the_database(
    served: Connection, first: dict[str, Any], tables: CleanTables, tmp_path: Path, own_home: Path
) -> None:
    counts = tables.counts()
    expected = GraphCounts({**counts.nodes, "Movie": 1}, counts.relationships)
    with pytest.raises(LoadError, match=r"Movie: 1 and \d+"):
        replace_database(write_csv(tables, tmp_path), expected, Timer())
    assert as_first(served, first)
    assert_no_leftovers(own_home)


def assert_no_leftovers(home: Path) -> None:
    second = ServerFiles(home / "server", INSTANCE)
    assert find(second) is None
    assert find_admin(second) == []
    folders = DataFolders(ServerFiles(home / "server"))
    assert [path.name for path in folders.root.glob("*/")] == [folders.current().name]


@pytest.mark.parametrize("victim", ["the tool", "neo4j-admin"])
def test_kill_9_during_the_import_keeps_the_database(
    victim: str, served: Connection, first: dict[str, Any], cli: Any, raw: Path, own_home: Path
) -> None:
    tool = cli.start("import", "--imdb", raw)
    admin = wait_for_admin(ServerFiles(own_home / "server", INSTANCE), tool.pid)
    os.kill(tool.pid if victim == "the tool" else admin.pid, signal.SIGKILL)
    _, error = tool.communicate(timeout=300)
    assert tool.returncode == (-signal.SIGKILL if victim == "the tool" else 1)
    if victim == "neo4j-admin":
        assert "the old database is kept" in error
        assert_no_leftovers(own_home)
    assert as_first(served, first)


def wait_for_admin(files: ServerFiles, tool: int) -> psutil.Process:
    """The admin tool of this process; that of a process killed earlier may still run."""
    for _ in range(1200):
        ours = {process.pid for process in psutil.Process(tool).children(recursive=True)}
        if found := [process for process in find_admin(files) if process.pid in ours]:
            return found[0]
        time.sleep(0.1)
    pytest.fail("no neo4j-admin within two minutes")


def test_the_next_import_replaces_the_whole_database(
    served: Connection, tables: CleanTables, own_home: Path, tmp_path: Path
) -> None:
    query(served, "MATCH (m:Movie) SET m.fastRP = [1.0]")
    # IMDb's tables have no line breaks, but names in the graph may.
    title = 'two\nlines, "quoted"\r\nand three'
    for path in tables.folder.glob("*.parquet"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    duckdb.execute(
        "CREATE OR REPLACE TABLE changed AS SELECT * FROM read_parquet(?)",
        [str(tables.folder / "movies.parquet")],
    )
    duckdb.execute("UPDATE changed SET title = ? WHERE tconst = 'tt9000000'", [title])
    duckdb.table("changed").write_parquet(str(tmp_path / "movies.parquet"))
    changed = CleanTables(tmp_path)
    password = ServerFiles(own_home / "server").password.read_text()
    replace_database(write_csv(changed, tmp_path / "csv"), changed.counts(), Timer())
    assert ServerFiles(own_home / "server").password.read_text() == password
    with Connection.open(ensure_running(ServerFiles(own_home / "server")).address) as graph:
        assert query(graph, "MATCH (m:Movie {tconst: 'tt9000000'}) RETURN m.title") == [title]
        assert query(graph, "MATCH (m:Movie) RETURN count(m.fastRP)") == [0]
        assert count_graph(graph) == changed.counts()
    assert_no_leftovers(own_home)
    changed.close()


def test_an_import_that_would_leave_less_than_half_needs_consent(
    served: Connection, cli: Any, raw: Path, tmp_path: Path
) -> None:
    held = count_graph(served)
    ratings = tmp_path / "few.csv"
    ratings.write_text("userID,tconst,rating,review_date\nu1,tt0000001,7,2020-01-01\n")
    code, _, error = cli.run("import", "--imdb", raw, "--ratings", ratings)
    assert code == 1
    assert f"1 instead of {held.relationships['RATED']:,} RATED" in " ".join(error.split())
    assert "--yes" in error
    assert "Traceback" not in error
    assert count_graph(served) == held
    done = cli.json("import", "--imdb", raw, "--ratings", ratings, "--yes")
    assert done["relationships"]["RATED"] == 1


def test_spark_writes_the_csv_that_neo4j_admin_loads(
    first: dict[str, Any],
    cli: Any,
    raw: Path,
    own_home: Path,
    nasty: tuple[str, ...],
    quick_spark: Callable[..., None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    quick_spark(monkeypatch, tmp_path)
    done = cli.json("import", "--imdb", raw, "--engine", "spark", "--yes")
    assert done["tables"] == first["tables"]
    assert (Path(done["csv_dir"]) / "ratings.csv" / "header.csv").is_file()
    with Connection.open(ensure_running(ServerFiles(own_home / "server")).address) as graph:
        assert as_first(graph, first)
        titles = query(graph, "MATCH (m:Movie) WHERE m.tconst STARTS WITH 'tt90000' RETURN m.title")
        assert sorted(titles) == sorted(nasty)
