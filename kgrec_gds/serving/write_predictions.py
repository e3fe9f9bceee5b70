"""Write predictions and attention as PREDICTED_RATING relationships: in batches of whole users, safe to repeat."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from threading import Lock
from typing import TYPE_CHECKING, Any

from kgrec_gds.collector import rare_collections
from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import ModelRunError
from kgrec_gds.serving.predictions import PART_PROPERTIES, Predictions

if TYPE_CHECKING:
    from neo4j import ManagedTransaction

#: Relationships a transaction; those of one user are never divided, so a transaction can hold more.
BATCH_SIZE = 5_000
#: Open transactions: one runs its statement while the other commits.
_OPEN = 2
#: Batches that wait for a transaction, about those of a block of users: the next block is predicted meanwhile.
_WAITING = 12


@dataclass(frozen=True)
class WriteResult:
    """What a write left in the graph."""

    model_id: str
    predictions_written: int
    """Relationships of this model: test ratings and recommendations."""
    recommendations_written: int
    """Those with a rank."""
    stale_deleted: int
    """Relationships of an earlier write of this model that are not among these predictions."""
    others_deleted: int
    """Relationships of other models."""
    predicted_at: int
    """Epoch seconds, UTC, on every relationship written."""


def write_predictions(
    connection: Connection,
    blocks: Iterable[Predictions],
    model_id: str,
    *,
    predicted_at: int,
    histories: Mapping[str, str] | None = None,
    keep: bool = False,
    batch_size: int = BATCH_SIZE,
) -> WriteResult:
    """Make the graph hold exactly these predictions of a model.

    Each batch is one transaction after which its users have these predictions of the model and no others. A retry, or
    a second run after an interrupt, therefore leaves the same relationships. Those of other models are deleted at the
    end, once the new ones are there.

    All predictions of a user are in one of the `blocks`, users in the same order at each write. `batch_size` is in
    relationships; `keep` keeps the predictions of other models; `histories` are the `history_keys` of the users, by id.

    Raises:
        ModelRunError: users or movies of the predictions are missing from the graph.
    """
    expected = write_users(connection, blocks, model_id, predicted_at, histories or {}, batch_size)
    return complete_write(connection, model_id, expected, predicted_at=predicted_at, keep=keep)


@rare_collections()
def write_users(
    connection: Connection,
    blocks: Iterable[Predictions],
    model_id: str,
    predicted_at: int,
    histories: Mapping[str, str],
    batch_size: int = BATCH_SIZE,
) -> int:
    """Write the predictions of whole users, also beside other writers of the same model; returns their number."""
    users = (row for block in blocks for row in _user_rows(block, histories))
    batches = _batches(users, batch_size)
    return sum(_write(connection, batches, modelId=model_id, predictedAt=predicted_at))


def complete_write(
    connection: Connection, model_id: str, expected: int, *, predicted_at: int, keep: bool
) -> WriteResult:
    """Once all batches are written, check their number and delete what no longer holds.

    Raises:
        ModelRunError: the graph holds another number of predictions than expected.
    """
    stale = connection.run_alone("serving/delete_stale", modelId=model_id, predictedAt=predicted_at)
    counts = connection.one("serving/count_predictions", modelId=model_id)
    if counts["predictions"] != expected:
        raise ModelRunError(
            f"The graph holds {counts['predictions']} predictions of model {model_id}, but {expected} were made: users "
            "or movies of the model are not in this graph. Train on this graph, then predict again."
        )
    others = [] if keep else connection.run_alone("serving/delete_other_models", modelId=model_id)
    return WriteResult(
        model_id=model_id,
        predictions_written=counts["predictions"],
        recommendations_written=counts["recommendations"],
        stale_deleted=stale[0]["deleted"],
        others_deleted=others[0]["deleted"] if others else 0,
        predicted_at=predicted_at,
    )


def _write(
    connection: Connection, batches: Iterator[list[dict[str, Any]]], **parameters: Any
) -> Iterator[int]:
    """Write batches in order and yield the relationships of each.

    While the server commits a batch, which is most of its work, the next one's statement runs, and later ones are
    made. An interrupt waits for the open transactions.
    """
    statement = Lock()  # one statement at a time: they touch the same movies

    def write(batch: list[dict[str, Any]]) -> int:
        work = connection.work("serving/predictions", users=batch, **parameters)

        def in_turn(transaction: "ManagedTransaction") -> None:
            with statement:
                work(transaction)

        with connection.session() as session:
            session.execute_write(in_turn)
        return _relationships(batch)

    pool, pending = ThreadPoolExecutor(_OPEN), deque[Future[int]]()
    try:
        for batch in batches:
            pending.append(pool.submit(write, batch))
            if len(pending) >= _OPEN + _WAITING:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _user_rows(predictions: Predictions, histories: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """One row a user, users and movies in a fixed order: two writers then lock in the same order."""
    ids, tconsts = predictions.user_ids.tolist(), predictions.tconsts.tolist()
    order = sorted(range(len(predictions)), key=lambda row: (ids[row], tconsts[row]))
    for user_id, group in groupby(order, key=lambda row: ids[row]):
        rows = list(group)
        attention = [predictions.attention_of(row) for row in rows]
        yield {
            "userId": user_id,
            "history": histories.get(user_id),
            "tconsts": [tconsts[row] for row in rows],
            "ratings": predictions.rating[rows].tolist(),
            # 0 stands for no rank; a null property is not stored
            "ranks": [int(rank) or None for rank in predictions.rank[rows]],
            **_score_columns(predictions, rows),
            "attentionMovies": [movies for movies, _ in attention],
            "attentionWeights": [weights for _, weights in attention],
        }


def _score_columns(predictions: Predictions, rows: list[int]) -> dict[str, list[Any]]:
    """Score and reasons of some rows; null, which is not stored, for predictions of given ratings."""
    parts = [predictions.parts[row] for row in rows]
    scores = [
        float(score) if part else None for score, part in zip(predictions.score[rows], parts, strict=True)
    ]
    return {"scores": scores} | {
        column: [getattr(part, name) if part else None for part in parts]
        for column, name in PART_PROPERTIES.items()
    }


def _relationships(users: list[dict[str, Any]]) -> int:
    return sum(len(user["tconsts"]) for user in users)


def _batches(users: Iterator[dict[str, Any]], batch_size: int) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for user in users:
        if batch and _relationships(batch) + len(user["tconsts"]) > batch_size:
            yield batch
            batch = []
        batch.append(user)
    if batch:
        yield batch
