"""From a trained model to the graph: predict the test events, recommend, and write both."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.pull import pull
from kgrec_gds.data.splits import split
from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import InputError
from kgrec_gds.models.default import DefaultPredictor
from kgrec_gds.models.run_folder import RunFolder
from kgrec_gds.models.training import RunSettings
from kgrec_gds.progress import Timer, bars
from kgrec_gds.serving.model_runs import chosen_run
from kgrec_gds.serving.predictions import Predictions
from kgrec_gds.serving.recommender import Recommender
from kgrec_gds.serving.score import predict_events
from kgrec_gds.serving.write_predictions import write_predictions


@dataclass(frozen=True)
class Predicted:
    """What `predict` did."""

    model_id: str
    predictions_written: int
    """`PREDICTED_RATING` edges of this model in the graph."""
    test_events: int
    """Those that predict a rating that was given."""
    recommendations_written: int
    """Those with a rank."""
    users: int
    """Users recommended to."""
    unknown_users: list[str]
    """Asked for, but not in the graph."""
    stale_deleted: int
    others_deleted: int
    predicted_at: int
    pairs_per_second: float
    """Candidates scored a second while recommending."""
    seconds: dict[str, float]


def predict(
    graph: Connection,
    *,
    model_id: str | None = None,
    users: str | Path = "test",
    k: int = 10,
    candidates: int | None = 500,
    keep: bool = False,
) -> Predicted:
    """Write a model's predictions: its test events, and the k best unseen movies of users.

    Args:
        graph: the database.
        model_id: a model run; the promoted, else the latest one by default.
        users: `test` (those with a test event), `all`, or a file with a user id a line.
        k: recommendations a user.
        candidates: movies preselected a user; None scores all.
        keep: leave other models' predictions.

    Raises:
        ModelRunError: no such run, or it does not fit the graph.
        InputError: the file of users is missing or empty.
    """
    timer = Timer()
    predicted_at = int(time.time())  # a rating given while this runs is newer than what it predicts
    wanted = _read_users(users) if isinstance(users, Path) else None
    with timer.stage("load"):
        run = chosen_run(graph, model_id)
        settings = RunSettings.read(run)
    with timer.stage("windows"):
        dataset = pull(graph, settings.embeddings)
        model = DefaultPredictor.load_for(run, dataset)
        events = _test_events(dataset, settings, run, model)
    known = set(dataset.user_ids[1:])
    asked = wanted if wanted is not None else _users(dataset, events, str(users))
    chosen = [user for user in asked if user in known]
    with timer.stage("predict"):
        tested = predict_events(model, dataset, events)
    with timer.stage("recommend"):
        recommender = Recommender(model, dataset)
        with bars() as progress:
            task = progress.add_task("Recommending", total=len(chosen))
            found = recommender.recommend(
                chosen,
                dataset.now,
                k,
                candidates,
                watch=lambda done: progress.update(task, completed=done),
            )
    with timer.stage("write"):
        predictions = _joined(tested, found)
        written = write_predictions(graph, predictions, run.model_id, predicted_at=predicted_at, keep=keep)
    pairs = len(chosen) * min(candidates or len(dataset.movies), len(dataset.movies))
    return Predicted(
        model_id=run.model_id,
        predictions_written=written.predictions_written,
        test_events=written.predictions_written - written.recommendations_written,
        recommendations_written=written.recommendations_written,
        users=len(chosen),
        unknown_users=[user for user in asked if user not in known],
        stale_deleted=written.stale_deleted,
        others_deleted=written.others_deleted,
        predicted_at=predicted_at,
        pairs_per_second=round(pairs / max(timer.seconds["recommend"], 1e-9), 1),
        seconds=timer.seconds,
    )


def _test_events(
    dataset: Dataset, settings: RunSettings, run: RunFolder, model: DefaultPredictor
) -> NDArray[np.int64]:
    """Event rows of the test part, by the run's own cut-offs: ratings added since then belong to it too."""
    ratings, cutoff = dataset.ratings, run.read("metrics")["cutoffs"].get("test")
    if cutoff is not None:
        return np.flatnonzero(ratings.rated_at >= cutoff)
    if settings.protocol == "per-user" and model.until is not None:
        return np.flatnonzero(ratings.rated_at > model.last_fitted(dataset)[ratings.user_index])
    return split(dataset.ratings, settings.protocol, settings.seed).test


def _users(dataset: Dataset, events: NDArray[np.int64], which: str) -> list[str]:
    if which == "all":
        return [str(user) for user in dataset.user_ids[1:]]
    return [str(user) for user in dataset.user_ids[np.unique(dataset.ratings.user_index[events])]]


def _read_users(path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"--users should be test, all, or a readable file of user ids; {path} is not: {error}"
        ) from error
    users = list(dict.fromkeys(line.strip() for line in lines if line.strip()))
    if not users:
        raise InputError(f"--users {path} should hold a user id a line; it holds none.")
    return users


def _joined(first: Predictions, second: Predictions) -> Predictions:
    def both(name: str) -> Sequence:
        return [*getattr(first, name), *getattr(second, name)]

    return Predictions(
        user_ids=list(both("user_ids")),
        tconsts=list(both("tconsts")),
        rating=np.array(both("rating"), np.float32),
        rank=np.array(both("rank"), np.int32),
        attention_movies=list(both("attention_movies")),
        attention_weights=list(both("attention_weights")),
        was_impossible=np.array(both("was_impossible"), bool),
        reasons=list(both("reasons")),
    )
