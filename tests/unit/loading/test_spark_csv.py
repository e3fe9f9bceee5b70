"""CSV in parts, as Spark writes it: the rows of DuckDB's CSV, and every string unchanged."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from kgrec_gds.loading.admin_command import import_arguments, in_parts, printed_commands
from kgrec_gds.loading.clean_tables import CleanTables, write_csv
from kgrec_gds.loading.graph_layout import TABLES

ODD = ["", None, " a ", "a\r\nb\nc\rd", 'say "x"', "a,b;c", "\\N", "\\", "'", "é\u2028ü", "=1+1"]


@pytest.fixture
def written(
    clean_tables: CleanTables,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    quick_spark: Callable[..., None],
) -> tuple[Path, Path]:
    """The same tables, with odd names, as CSV by DuckDB and by Spark."""
    from kgrec_gds.loading.spark_csv import write_csv_parts

    quick_spark(monkeypatch, tmp_path)
    persons = "SELECT 'nm' || generate_subscripts($odd, 1), unnest($odd), true, false, false"
    duckdb.sql(
        f"SELECT * FROM ({persons}) t(nconst, name, is_actor, is_director, is_writer)", params={"odd": ODD}
    ).write_parquet(str(clean_tables.folder / "persons.parquet"))
    whole = write_csv(clean_tables, tmp_path / "whole")
    return whole, write_csv_parts(clean_tables.folder, tmp_path / "parts")


def test_parts_hold_the_rows_of_the_whole_files(written: tuple[Path, Path]) -> None:
    whole, parts = written
    for table in TABLES:
        folder = parts / f"{table.name}.csv"
        found = [folder / "header.csv", *folder.glob("part-*")]
        assert len(found) > 1, "neo4j-admin refuses a pattern that matches no file"
        lines = "".join(path.read_bytes().decode() for path in found)
        expected = (whole / f"{table.name}.csv").read_bytes().decode()
        assert _rows(lines) == _rows(expected), table.name
    text = "".join(path.read_bytes().decode() for path in (parts / "persons.csv").glob("part-*"))
    assert '"nm1","",' in text
    assert '"nm2",,' in text, "null is not the empty string"
    assert not any(path.stat().st_mode & 0o077 for path in parts.rglob("part-*"))


def _rows(text: str) -> list[list[str]]:
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    return [header, *sorted(rows)]


def test_neo4j_admin_reads_header_and_parts(clean_tables: CleanTables, tmp_path: Path) -> None:
    for table in TABLES:
        (tmp_path / f"{table.name}.csv").mkdir()
    assert in_parts(tmp_path)
    arguments = import_arguments(tmp_path, parts=True)
    assert f"--nodes=Movie={tmp_path}/movies.csv/header.csv,{tmp_path}/movies.csv/part-.*" in arguments
    for command in printed_commands(tmp_path).values():
        assert "/movies.csv/part-.*" in command
    write_csv(clean_tables, tmp_path)
    assert not in_parts(tmp_path), "whole files take the place of parts"
