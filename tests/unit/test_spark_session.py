"""Spark starts once in a process, and fails in a sentence."""

import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kgrec_gds.errors import InputError
from kgrec_gds.spark_session import reason, spark_session


def kill_java() -> None:
    from pyspark import SparkContext

    java = SparkContext._gateway
    assert java is not None
    java.proc.kill()
    java.proc.wait()


def test_sessions_of_a_process_share_spark_until_the_first_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick_spark: Callable[..., None]
) -> None:
    quick_spark(monkeypatch, tmp_path, "spark.sql.session.timeZone Asia/Tokyo")
    from pyspark.sql import SparkSession

    def within() -> tuple[str, str]:
        with spark_session("within", tmp_path) as inner:
            return inner.conf.get("spark.sql.session.timeZone"), inner.sparkContext.applicationId

    user = SparkSession.builder.master("local[1]").getOrCreate()
    with ThreadPoolExecutor(1) as thread:
        expected = "UTC", user.sparkContext.applicationId
        assert within() == expected
        assert thread.submit(within).result() == expected, "Spark runs, though this thread has not started it"
    assert user.conf.get("spark.sql.session.timeZone") == "Asia/Tokyo"
    assert user.range(3).count() == 3
    user.stop()
    assert within()[1] != expected[1]
    assert SparkSession.getActiveSession() is None


def test_a_session_whose_java_was_killed_says_so_and_another_can_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick_spark: Callable[..., None]
) -> None:
    quick_spark(monkeypatch, tmp_path)
    interrupt = signal.getsignal(signal.SIGINT)

    def count() -> None:
        with spark_session("killed", tmp_path) as session:
            kill_java()
            session.range(3).count()

    with pytest.raises(InputError, match=r"Spark's Java process ended.*spark\.driver\.memory"):
        count()
    assert signal.getsignal(signal.SIGINT) is interrupt
    with spark_session("done", tmp_path) as session:
        assert session.range(3).count() == 3
        kill_java()  # when all is done, nobody misses it


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ("--driver-memory 100m", r"must be at least \d+"),
        ("--conf spark.sql.shuffle.partitions=abc", "should be a/an 'int' value.*"),
    ],
)
def test_a_configuration_with_which_spark_cannot_start_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    quick_spark: Callable[..., None],
    arguments: str,
    problem: str,
) -> None:
    quick_spark(monkeypatch, tmp_path)
    monkeypatch.setenv("PYSPARK_SUBMIT_ARGS", f"{arguments} pyspark-shell")
    with (
        pytest.raises(InputError, match=rf"Spark did not start \(.*{problem}\)\. Check"),
        spark_session("test", tmp_path),
    ):
        pytest.fail("it started")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("java.io.IOException: No such place.\n\tat a.b.C", "IOException: No such place"),
        ("[JAVA_GATEWAY_EXITED] Java exited.", "[JAVA_GATEWAY_EXITED] Java exited"),
        ("a.b.C: d.e.F: text", "C: d.e.F: text"),
        ("\n", "ValueError"),
    ],
)
def test_a_reason_is_one_line_without_packages(text: str, expected: str) -> None:
    assert reason(ValueError(text)) == expected
