"""Write a model's predictions into the graph: its test ratings, and recommendations for users."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kgrec_gds import home
from kgrec_gds.data.history_keys import keys_by_user
from kgrec_gds.data.query import Queries
from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import InputError
from kgrec_gds.leftovers import temporary_folder
from kgrec_gds.progress import Timer, bars, spinner
from kgrec_gds.serving.loaded_model import LoadedModel
from kgrec_gds.serving.model_runs import record_run, recording
from kgrec_gds.serving.prediction_files import PredictionFiles
from kgrec_gds.serving.predictions import Predictions
from kgrec_gds.serving.publish_run import publish_run
from kgrec_gds.serving.user_predictions import UserPredictor, tested_queries
from kgrec_gds.serving.write_predictions import WriteResult, complete_write, write_predictions

if TYPE_CHECKING:
    from kgrec_gds.data.dataset import Dataset
    from kgrec_gds.serving.spark_predictions import SparkPredictions


#: Users whose recommendations are held at once.
_USERS_A_BLOCK = 5_000


@dataclass(frozen=True)
class Predicted(WriteResult):
    """What `predict` did."""

    test_events: int
    """Predictions of a given rating."""
    users: int
    """Users with recommendations."""
    unknown_users: list[str]
    """Users of the file that are not in the graph."""
    users_per_second: float
    """Users recommended to a second, without writing."""
    note: str | None
    """Why there is no attention, if there is none."""
    csv_dir: Path | None
    """Folder of the predictions, where they are not in the graph."""
    seconds: dict[str, float]


@home.private_files()
def predict(
    connection: Connection,
    *,
    model_id: str | None = None,
    users: str | Path = "test",
    k: int = 10,
    keep: bool = False,
    engine: str = "local",
    csv_dir: Path | None = None,
) -> Predicted:
    """Write a model's predictions: its test ratings, and for users the k movies to watch next.

    Test ratings are predicted from what was known just before each, by the fit that has not seen them. Recommendations are
    ranked by what is liked together, shared people and popularity, and their ratings predicted a day ahead. `users` is `test` (those
    with a test rating), `all`, or a file with one user id a line. `KnowledgeGraph.predict` explains the other arguments.

    Raises:
        ModelRunError: there is no such run, or it does not fit the graph.
        InputError: the file of users is missing or empty, or an argument is invalid.
    """
    _check(engine, csv_dir, keep=keep)
    timer = Timer()
    predicted_at = int(time.time())
    wanted = _read_users(users) if isinstance(users, Path) else None
    with timer.stage("load"):
        loaded = LoadedModel.load(connection, model_id)
    dataset = loaded.dataset
    tested = tested_queries(dataset, loaded.run)
    chosen, unknown = _chosen_users(dataset, tested, wanted, everybody=users == "all")
    predictor = UserPredictor(loaded, tested, chosen, k)
    with _predicted(predictor, engine, timer) as (blocks, in_spark):
        written = _write(
            connection, predictor, blocks, in_spark, timer, predicted_at, keep=keep, csv_dir=csv_dir
        )
    seconds = timer.seconds
    recommend_seconds = seconds.get("recommend", 0.0)
    if engine == "local":  # predicted while it was written
        seconds["write"] = round(seconds["write"] - recommend_seconds - seconds.get("predict", 0.0), 4)
    return Predicted(
        **vars(written),
        test_events=written.predictions_written - written.recommendations_written,
        users=len(chosen),
        unknown_users=unknown,
        users_per_second=round(len(chosen) / max(recommend_seconds, 1e-9), 1),
        note=loaded.note,
        csv_dir=csv_dir,
        seconds=seconds,
    )


def _check(engine: str, csv_dir: Path | None, *, keep: bool) -> None:
    if engine not in ("local", "spark"):
        raise InputError(f"Invalid engine {engine!r}; expected 'local' or 'spark'.")
    if csv_dir is not None and keep:
        raise InputError("csv_dir writes no database, so it cannot be combined with keep. Pass one of them.")
    if csv_dir is not None:
        PredictionFiles.check_place(csv_dir)


@contextmanager
def _predicted(
    predictor: UserPredictor, engine: str, timer: Timer
) -> Iterator[tuple[Iterator[Predictions], "SparkPredictions | None"]]:
    """The predictions of all users in blocks, which are made while they are read; or by Spark before, which can write them."""
    if engine == "local":
        yield (_local(predictor, block, timer) for block in _blocks(predictor.users, _USERS_A_BLOCK)), None
        return
    from kgrec_gds.serving.spark_predictions import predicted_in_spark, read_shards

    with temporary_folder("predict") as folder, ExitStack() as session:
        with timer.stage("recommend"), spinner("Predicting and recommending in Spark …"):
            predicted = session.enter_context(predicted_in_spark(predictor, folder))
        yield read_shards(predicted.shards), predicted


def _local(predictor: UserPredictor, block: NDArray[np.int32], timer: Timer) -> Predictions:
    with timer.stage("predict"):
        tested = predictor.of_tests(block)
    with timer.stage("recommend"):
        return Predictions.concatenate([tested, predictor.recommended(block)])


def _write(
    connection: Connection,
    predictor: UserPredictor,
    blocks: Iterator[Predictions],
    in_spark: "SparkPredictions | None",
    timer: Timer,
    predicted_at: int,
    *,
    keep: bool,
    csv_dir: Path | None,
) -> WriteResult:
    """Write predictions into the graph with the run that made them, or both into a folder."""
    loaded = predictor.loaded
    if csv_dir is not None:
        with timer.stage("write"):
            return PredictionFiles(csv_dir).write(loaded, blocks, predicted_at, keys_by_user(loaded.dataset))
    # Also records a run of a training whose last step found no database.
    with timer.stage("publish"), recording(loaded.run):
        record_run(connection, loaded.run)
        publish_run(connection, loaded)
    with timer.stage("write"):
        address = connection.address
        if in_spark and address is not None and in_spark.reaches(address):
            with spinner("Writing from Spark …"):
                expected = in_spark.write(address, loaded.model_id, predicted_at)
            return complete_write(connection, loaded.model_id, expected, predicted_at=predicted_at, keep=keep)
        histories = keys_by_user(loaded.dataset)
        return write_predictions(
            connection, blocks, loaded.model_id, predicted_at=predicted_at, histories=histories, keep=keep
        )


def _blocks(users: NDArray[np.int32], size: int) -> Iterator[NDArray[np.int32]]:
    """Users in blocks, so that memory does not grow with their number."""
    with bars() as progress:
        task = progress.add_task("Recommending and writing", total=len(users))
        for begin in range(0, len(users), size):
            block = users[begin : begin + size]
            yield block
            progress.advance(task, len(block))


def _chosen_users(
    dataset: "Dataset", tested: Queries, wanted: list[str] | None, *, everybody: bool
) -> tuple[NDArray[np.int32], list[str]]:
    """Indices of the users to recommend to, and the ids that the graph does not have."""
    if wanted is None:
        users = np.arange(1, len(dataset.user_ids)) if everybody else np.unique(tested.user_index)
        return users.astype(np.int32), []
    index = {user: number for number, user in enumerate(dataset.user_ids) if number}
    chosen = np.array(sorted(index[user] for user in wanted if user in index), np.int32)
    return chosen, [user for user in wanted if user not in index]


def _read_users(path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"Cannot read users from {path}: {error}. Give test, all, or a UTF-8 text file."
        ) from error
    users = list(dict.fromkeys(line.strip() for line in lines if line.strip()))
    if not users:
        raise InputError(f"The file {path} holds no user; expected one user id a line.")
    return users
