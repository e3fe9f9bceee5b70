"""Spark starts with the configuration of its moment, ends whole, and fails in a sentence."""

import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from kgrec_gds.errors import InputError
from kgrec_gds.spark_session import reason, spark_session


def java() -> Any:
    from pyspark import SparkContext

    return None if SparkContext._gateway is None else SparkContext._gateway.proc


def test_java_ends_with_the_session_and_a_later_one_reads_its_own_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick_spark: Callable[..., None]
) -> None:
    interrupt = signal.getsignal(signal.SIGINT)

    def configured(value: str) -> Any:
        quick_spark(monkeypatch, tmp_path, f"spark.kgrec.test {value}")
        return spark_session("test", tmp_path)

    def within() -> str:
        with configured("inner") as inner:
            return str(inner.conf.get("spark.kgrec.test"))

    with configured("first") as session, ThreadPoolExecutor(1) as thread:
        first = java()
        assert within() == "first"
        assert thread.submit(within).result() == "first", "Spark runs, though not by this thread"
        assert java() is first
        assert session.range(3).count() == 3
    assert first.poll() is not None
    assert java() is None

    def killed() -> None:
        with configured("second") as session:
            assert session.conf.get("spark.kgrec.test") == "second"
            os.kill(java().pid, signal.SIGKILL)
            java().wait()
            session.range(3).count()

    with pytest.raises(InputError, match=r"Spark's Java process ended.*spark\.driver\.memory"):
        killed()
    assert java() is None
    assert signal.getsignal(signal.SIGINT) is interrupt


def test_a_configuration_with_which_spark_cannot_start_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick_spark: Callable[..., None]
) -> None:
    quick_spark(monkeypatch, tmp_path)
    monkeypatch.setenv("PYSPARK_SUBMIT_ARGS", "--driver-memory 100m pyspark-shell")
    with (
        pytest.raises(InputError, match=r"Spark did not start \(.*must be at least \d+\)\. Check"),
        spark_session("test", tmp_path),
    ):
        pytest.fail("it started")
    assert java() is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("java.io.IOException: No such place.\n\tat a.b.C", "IOException: No such place"),
        ("[JAVA_GATEWAY_EXITED] Java exited.", "[JAVA_GATEWAY_EXITED] Java exited"),
        ("a.b.C: d.e.F: text", "C: d.e.F: text"),
    ],
)
def test_a_reason_is_one_line_without_packages(text: str, expected: str) -> None:
    assert reason(ValueError(text)) == expected
