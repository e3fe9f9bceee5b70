"""Predictions and attention to PREDICTED_RATING edges: in batches of whole users, safe to repeat."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from threading import Lock
from typing import TYPE_CHECKING, Any

from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import ModelRunError
from kgrec_gds.progress import bars
from kgrec_gds.serving.predictions import Predictions

if TYPE_CHECKING:
    from neo4j import ManagedTransaction

#: Edges a transaction; a user's edges are never split, so one can be larger.
BATCH_SIZE = 5_000
#: Transactions open at once: one whose statement runs, one being committed.
_AT_ONCE = 2


@dataclass(frozen=True)
class WriteResult:
    """What a write left in the graph."""

    model_id: str
    predictions_written: int
    """Edges of this model, test events and recommendations."""
    recommendations_written: int
    """Those with a rank."""
    stale_deleted: int
    """Edges of an earlier write of this model that this one does not hold."""
    others_deleted: int
    """Edges of other models."""
    predicted_at: int
    """Epoch seconds, UTC, on every edge written."""


def write_predictions(
    graph: Connection,
    predictions: Predictions,
    model_id: str,
    *,
    predicted_at: int,
    keep: bool = False,
    batch_size: int = BATCH_SIZE,
) -> WriteResult:
    """Make the graph hold exactly these predictions of `model_id`.

    Each batch is one transaction after which its users have these predictions and no others, so a retry, or a second
    run after an interrupt, leaves the same edges. Edges of other models go last, once the new ones are there.

    Args:
        graph: the database.
        predictions: rows to write; those that were impossible carry no rating and are not written.
        model_id: id of the model run.
        predicted_at: epoch seconds, UTC.
        keep: leave the edges of other models.
        batch_size: edges a transaction.

    Raises:
        ModelRunError: the graph holds another number of edges than there are predictions, because users or movies
            are missing: the model was trained on another graph.
    """
    expected = int((~predictions.was_impossible).sum())
    with bars() as progress:
        task = progress.add_task("Writing predictions", total=expected)
        for edges in _written(
            graph, _batches(_user_rows(predictions), batch_size), modelId=model_id, predictedAt=predicted_at
        ):
            progress.advance(task, edges)
    stale = graph.run_alone("serving/delete_stale", modelId=model_id, predictedAt=predicted_at)[0]["deleted"]
    counts = graph.one("serving/count_predictions", modelId=model_id)
    if counts["predictions"] != expected:
        raise ModelRunError(
            f"The graph should hold {expected} predictions of model {model_id}, but holds {counts['predictions']}: "
            "users or movies of the model are not in this graph. Train on this graph, then predict again."
        )
    others = 0 if keep else graph.run_alone("serving/delete_other_models", modelId=model_id)[0]["deleted"]
    return WriteResult(
        model_id, counts["predictions"], counts["recommendations"], stale, others, predicted_at
    )


def _written(graph: Connection, batches: Iterator[list[dict[str, Any]]], **parameters: Any) -> Iterator[int]:
    """Write the batches in their order, and yield the edges of each.

    While the server commits one, which is most of its work, the next one's statement runs. An interrupt waits for what
    has begun, so that it ends whole.
    """
    turn = Lock()  # statements one after another: they touch the same movies

    def write(batch: list[dict[str, Any]]) -> int:
        work = graph.work("serving/predictions", users=batch, **parameters)

        def in_turn(transaction: "ManagedTransaction") -> None:
            with turn:
                work(transaction)

        with graph.session() as session:
            session.execute_write(in_turn)
        return _edges(batch)

    pool = ThreadPoolExecutor(_AT_ONCE)
    try:
        yield from pool.map(write, batches)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _user_rows(predictions: Predictions) -> Iterator[dict[str, Any]]:
    """One row a user, users and movies in a fixed order: two writers then lock in the same order."""
    possible = [i for i in range(len(predictions)) if not predictions.was_impossible[i]]
    possible.sort(key=lambda i: (predictions.user_ids[i], predictions.tconsts[i]))
    for user_id, group in groupby(possible, key=lambda i: predictions.user_ids[i]):
        yield _user_row(str(user_id), list(group), predictions)


def _edges(rows: list[dict[str, Any]]) -> int:
    return sum(len(row["tconsts"]) for row in rows)


def _user_row(user_id: str, events: list[int], predictions: Predictions) -> dict[str, Any]:
    return {
        "userId": user_id,
        "tconsts": [predictions.tconsts[i] for i in events],
        "ratings": predictions.rating[events].tolist(),
        # 0 is no rank, and a null property is no property
        "ranks": [int(predictions.rank[i]) or None for i in events],
        "attentionMovies": [predictions.attention_movies[i] for i in events],
        "attentionWeights": [predictions.attention_weights[i].tolist() for i in events],
    }


def _batches(rows: Iterator[dict[str, Any]], batch_size: int) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    edges = 0
    for row in rows:
        if batch and edges + len(row["tconsts"]) > batch_size:
            yield batch
            batch, edges = [], 0
        batch.append(row)
        edges += len(row["tconsts"])
    if batch:
        yield batch
