"""Predict in Spark: blocks of users are tasks, and their predictions Parquet files, from which they are written."""

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from kgrec_gds.data.history_keys import keys_by_user
from kgrec_gds.database.connection import Address, Connection
from kgrec_gds.errors import ModelRunError
from kgrec_gds.serving.prediction_table import SPARK_SCHEMA, TABLE, from_table, to_table
from kgrec_gds.serving.predictions import Predictions
from kgrec_gds.serving.write_predictions import write_users
from kgrec_gds.spark_session import spark_session, without_pandas_warning

if TYPE_CHECKING:
    from kgrec_gds.serving.user_predictions import UserPredictor

#: A task has at most so many users, since the driver holds the predictions of a task at once; but where it can be, there
#: are 32 tasks, so that many cores have work and a lost executor costs little.
_MOST_USERS, _LEAST_USERS, _TASKS = 5_000, 100, 32
#: Tasks that write at once into one server.
_WRITERS = 8
_DATASET, _CHOSEN, _SHARDS = "dataset.npz", "chosen.npy", "shards"


@dataclass(frozen=True)
class _Job:
    """What an executor needs; its folders must have the same paths there as in the driver."""

    run: Path
    folder: Path
    """Data set and chosen users."""
    k: int
    size: int
    """Users a task."""

    def predicted(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The predictions of the blocks with the numbers given, for `mapInArrow`."""
        # Spark gives numpy's threads the task's cores, and TensorFlow, which is imported after this, the same.
        for pool in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
            os.environ[pool] = os.environ.get("OMP_NUM_THREADS", "1")
        predictor = _predictor(self)
        for batch in batches:
            for number in batch["id"].to_pylist():
                block = predictor.users[number * self.size : (number + 1) * self.size]
                parts = [predictor.of_tests(block), predictor.recommended(block)]
                yield from to_table(Predictions.concatenate(parts)).to_batches()


@lru_cache(maxsize=1)  # loads model and data once for all tasks of a process
def _predictor(job: _Job) -> "UserPredictor":
    from kgrec_gds.data.dataset import Dataset
    from kgrec_gds.models.run_folder import RunFolder
    from kgrec_gds.serving.loaded_model import LoadedModel
    from kgrec_gds.serving.user_predictions import UserPredictor, tested_queries

    for path in (job.run, job.folder / _DATASET):
        if not path.exists():
            raise ModelRunError(
                f"An executor does not find {path}; expected a KGREC_HOME that all machines share under one path."
            )
    dataset, run = Dataset.load(job.folder / _DATASET), RunFolder(job.run)
    loaded = LoadedModel(None, run, dataset)  # type: ignore[arg-type]  # nothing here asks the database
    return UserPredictor(loaded, tested_queries(dataset, run), np.load(job.folder / _CHOSEN), job.k)


@lru_cache(maxsize=1)
def _histories(job: _Job) -> dict[str, str]:
    return keys_by_user(_predictor(job).loaded.dataset)


@dataclass(frozen=True)
class SparkPredictions:
    """Predictions that Spark has made, and the session that made them."""

    job: _Job
    shards: list[Path]
    """Parquet files in the order of the users, each with whole users."""
    spark: Any = None
    """None where there is nobody to predict for."""

    def reaches(self, address: Address) -> bool:
        """Whether executors can connect: to a database that listens on the driver's machine only, none of other machines can."""
        host = urlsplit(address.uri).hostname or ""
        only_here = host in ("localhost", "::1") or host.startswith("127.")
        return (
            not only_here or self.spark is None or self.spark.conf.get("spark.master", "").startswith("local")
        )

    def write(self, address: Address, model_id: str, predicted_at: int) -> int:
        """Write all predictions from the executors into a running database; returns their number.

        Raises:
            ModelRunError: the job failed. What it has written is whole for each user, and the same run completes it.
        """
        if not self.shards:
            return 0
        count = len(self.shards)
        write = _Write(self.job, self.shards, address, model_id, predicted_at)
        with _failing_in_one_sentence("Some users may have new predictions"), without_pandas_warning():
            numbers = self.spark.range(0, count, 1, min(count, _WRITERS))
            return sum(row["written"] for row in numbers.mapInArrow(write.written, "written long").collect())


@dataclass(frozen=True)
class _Write:
    """What an executor needs to write; the password travels with the task, and is in no log."""

    job: _Job
    shards: list[Path]
    address: Address
    model_id: str
    predicted_at: int

    def written(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Write the shards with the numbers given, and yield the number of relationships, for `mapInArrow`."""
        with Connection.open(self.address) as connection:
            for batch in batches:
                shards = [self.shards[number] for number in batch["id"].to_pylist()]
                blocks, histories = read_shards(shards), _histories(self.job)
                count = write_users(connection, blocks, self.model_id, self.predicted_at, histories)
                yield pa.RecordBatch.from_pydict({"written": [count]})


def read_shards(shards: list[Path]) -> Iterator[Predictions]:
    """The predictions of each shard, one after the other."""
    for shard in shards:
        yield from_table(parquet.read_table(shard).cast(TABLE))


@contextmanager
def predicted_in_spark(predictor: "UserPredictor", folder: Path) -> Iterator[SparkPredictions]:
    """Predict all users of a predictor in a session that lasts as long as the block.

    Args:
        predictor: model, data and users.
        folder: an empty folder that all executors reach under the same path.

    Raises:
        InputError: pyspark or Java is not installed.
        ModelRunError: the job failed.
    """
    users = len(predictor.users)
    size = min(_MOST_USERS, max(_LEAST_USERS, -(-users // _TASKS)))
    job = _Job(predictor.loaded.run.path.absolute(), folder.absolute(), predictor.k, size)
    if not users:
        yield SparkPredictions(job, [])
        return
    predictor.loaded.dataset.save(folder / _DATASET)
    np.save(folder / _CHOSEN, predictor.chosen)
    blocks, shards = -(-users // size), folder / _SHARDS
    with ExitStack() as session:
        with _failing_in_one_sentence("Nothing was written"), without_pandas_warning():
            spark = session.enter_context(spark_session("kgrec-gds predict", folder))
            numbers = spark.range(0, blocks, 1, blocks)
            numbers.mapInArrow(job.predicted, SPARK_SCHEMA).write.parquet(shards.absolute().as_uri())
        yield SparkPredictions(job, sorted(shards.glob("part-*.parquet")), spark)


@contextmanager
def _failing_in_one_sentence(written: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if not type(error).__module__.startswith(("py4j.", "pyspark.")):
            raise
        raise ModelRunError(
            f"The Spark job failed: {_reason(str(error))} {written}; repair it, and run the command again."
        ) from error


def _reason(message: str) -> str:
    """The last error of an executor's traceback, or else the first line of Spark's message."""
    # `IllegalStateException: …` and `neo4j.exceptions.ServiceUnavailable: …`, without the packages.
    name = r"(?:(?:\w+\.)*(?=\w+(?:Error|Exception):)|(?:\w+\.)+(?=[A-Z]))"
    found = re.findall(rf"^[:\s]*{name}(\w+: .+)$", message, re.MULTILINE)
    python = [line for line in found if not line.startswith(("Py4J", "SparkException", "PythonException"))]
    line = python[-1] if python else (message.strip() or "no reason given").splitlines()[0]
    return f"{line.removeprefix('ModelRunError: ').rstrip('.:')}."
