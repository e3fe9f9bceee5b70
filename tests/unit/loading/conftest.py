"""A few small clean tables."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from kgrec_gds.loading.clean_tables import CleanTables

TABLES = {
    "movies": """SELECT * FROM (VALUES
        ('tt2', 'Null', NULL::INTEGER, NULL::INTEGER, NULL::DOUBLE, NULL::BIGINT),
        ('tt1', 'Say "Hi"; then, go', 1999, 90, 7.3, 100))
        t(tconst, title, year, runtimeMinutes, averageRating, numVotes)""",
    "persons": """SELECT * FROM (VALUES ('nm1', 'Ann', true, true, false), ('nm2', NULL, true, false, false))
        t(nconst, name, is_actor, is_director, is_writer)""",
    "genres": "SELECT 'Drama' AS name",
    "acted_in": """SELECT * FROM (VALUES ('nm1', 'tt1', 1, '["A"]'), ('nm2', 'tt1', 2, NULL))
        t(nconst, tconst, ordering, characters)""",
    "directed": "SELECT 'nm1' AS nconst, 'tt1' AS tconst",
    "wrote": "SELECT 'nm1' AS nconst, 'tt1' AS tconst WHERE false",
    "has_genre": "SELECT 'tt1' AS tconst, 'Drama' AS name",
    "ratings": """SELECT * FROM (VALUES
        ('é 2', 'tt1', 10.0::DOUBLE, 50), ('1', 'tt2', 3.0, 200), ('1', 'tt1', 8.0, 100))
        t("userId", tconst, rating, "ratedAt")""",
}


@pytest.fixture
def clean_tables(tmp_path: Path) -> Iterator[CleanTables]:
    folder = tmp_path / "tables"
    folder.mkdir()
    for name, query in TABLES.items():
        duckdb.sql(query).write_parquet(str(folder / f"{name}.parquet"))
    tables = CleanTables(folder)
    yield tables
    tables.close()
