"""Write a model's predictions into the graph: its test ratings, and recommendations for users."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.history_keys import history_keys
from kgrec_gds.data.query import Queries
from kgrec_gds.data.splits import split
from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import InputError
from kgrec_gds.models.training import RunSettings
from kgrec_gds.progress import Timer, bars
from kgrec_gds.ranking.top_lists import ListOptions
from kgrec_gds.serving.loaded_model import LoadedModel
from kgrec_gds.serving.model_runs import record_run, recording
from kgrec_gds.serving.predictions import Predictions, predict_queries
from kgrec_gds.serving.publish_run import publish_run
from kgrec_gds.serving.recommender import RecommendOptions, recommend_users
from kgrec_gds.serving.write_predictions import WriteResult, write_predictions

if TYPE_CHECKING:
    from kgrec_gds.data.dataset import Dataset
    from kgrec_gds.models.run_folder import RunFolder


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
    seconds: dict[str, float]


def predict(
    connection: Connection,
    *,
    model_id: str | None = None,
    users: str | Path = "test",
    k: int = 10,
    keep: bool = False,
) -> Predicted:
    """Write a model's predictions: its test ratings, and for users the k movies to watch next.

    Test ratings are predicted from what was known just before each, by the fit that has not seen them. Recommendations are
    ranked by what is liked together, shared people and popularity, and their ratings predicted a day ahead. `users` is `test` (those
    with a test rating), `all`, or a file with one user id a line.

    Raises:
        ModelRunError: there is no such run, or it does not fit the graph.
        InputError: the file of users is missing or empty.
    """
    timer = Timer()
    predicted_at = int(time.time())
    wanted = _read_users(users) if isinstance(users, Path) else None
    with timer.stage("load"):
        loaded = LoadedModel.load(connection, model_id)
    dataset = loaded.dataset
    with timer.stage("predict"):
        events = unfitted_events(dataset, loaded.run)
        events = events[np.argsort(dataset.ratings.user_index[events], kind="stable")]
        queries = Queries.of(dataset.ratings).take(events)
        tested = predict_queries(loaded.model, dataset, queries)
    chosen, unknown = _chosen_users(dataset, queries, wanted, everybody=users == "all")
    options = RecommendOptions(ListOptions(k=k))
    # Also records a run of a training whose last step found no database.
    with timer.stage("publish"), recording(loaded.run):
        record_run(connection, loaded.run)
        publish_run(connection, loaded)

    def recommended(block: NDArray[np.int32]) -> Predictions:
        """Predictions of the test ratings of some users, and the recommendations to those chosen."""
        rows = slice(*np.searchsorted(queries.user_index, [block[0], block[-1] + 1]))
        with timer.stage("recommend"):
            best = recommend_users(loaded, np.intersect1d(block, chosen).astype(np.int32), options)
        return Predictions.concatenate([tested.take(rows), best])

    everyone = np.union1d(queries.user_index, chosen)
    blocks = map(recommended, _blocks(everyone, _USERS_A_BLOCK))
    with timer.stage("write"):
        written = write_predictions(
            connection,
            blocks,
            loaded.model_id,
            predicted_at=predicted_at,
            histories=dict(zip(dataset.user_ids, history_keys(dataset), strict=True)),
            keep=keep,
        )
    recommend_seconds = timer.seconds.get("recommend", 0.0)
    timer.seconds["write"] = round(timer.seconds["write"] - recommend_seconds, 4)
    return Predicted(
        **vars(written),
        test_events=written.predictions_written - written.recommendations_written,
        users=len(chosen),
        unknown_users=unknown,
        users_per_second=round(len(chosen) / max(recommend_seconds, 1e-9), 1),
        note=loaded.note,
        seconds=timer.seconds,
    )


def unfitted_events(dataset: "Dataset", run: "RunFolder") -> NDArray[np.int64]:
    """Rows of the test ratings; ratings added since the training are among them if they are newer."""
    ratings, settings, metrics = dataset.ratings, RunSettings.read(run), run.read("metrics")
    if (cutoff := metrics["cutoffs"].get("test")) is not None:
        return np.flatnonzero(ratings.rated_at >= cutoff)
    if settings.protocol == "per-user":
        fitted_until = metrics["fitted_until"]
        until = np.array([fitted_until.get(user, -1) for user in dataset.user_ids], np.int64)
        return np.flatnonzero(ratings.rated_at > until[ratings.user_index])
    return split(ratings, settings.protocol, settings.seed).test


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
