"""Publish a model: store its network and what it reads of the movies in the graph, for `kgrec.predict` in the database.

The network and the state of the movies stand in `(:ModelRun)-[:HAS_PART]->(:ModelRunPart)`: parts keep transactions small,
and whoever looks at a model run does not pull megabytes. Users carry `ratingPasts`, what was known at each of their
ratings; that depends on the ratings alone and is the same for every model.
"""

import hashlib
from dataclasses import dataclass

import numpy as np

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.rating_log import RatingLog
from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import ModelRunError
from kgrec_gds.features.movie_state import movie_state, rating_pasts
from kgrec_gds.models.attention_lstm.model import AttentionLstm
from kgrec_gds.models.attention_lstm.onnx_export import export
from kgrec_gds.models.base import RatingModel
from kgrec_gds.ranking.signals import tie_order
from kgrec_gds.serving.named_arrays import pack, texts

PART_BYTES = 8 << 20
_USERS = 5_000
#: A rating's past, as `Pasts.java` reads it; the CRC-32 of the tconst and the time name the rating.
_PAST = np.dtype(
    [("rated_at", "<i8"), ("movie", "<u4"), ("count", "<i4"), ("baseline", "<f8"), ("deviation", "<f8")]
)


@dataclass(frozen=True)
class Published:
    """What was stored."""

    model_id: str
    digest: str
    """SHA-256 of the network with its state."""
    bytes: int
    known_until: int
    """The statistics of the movies are of the ratings strictly before this time."""
    users: int
    """Users with ratings."""


def publish(connection: Connection, run_id: str, model: RatingModel, dataset: Dataset) -> Published:
    """Store the network of a recorded model run in the graph, or renew its state as of the data set's `now`.

    Args:
        connection: the database.
        run_id: id of the `(:ModelRun)`, which must exist.
        model: the fitted model.
        dataset: all movies and ratings of the graph, as pulled for `predict`.

    Raises:
        ModelRunError: the model is no attention-LSTM, its export differs from it, or the graph has no such run.
    """
    content = network_bytes(model, dataset)
    digest, now = hashlib.sha256(content).hexdigest(), dataset.now
    parts = [content[begin : begin + PART_BYTES] for begin in range(0, len(content), PART_BYTES)]
    for number, part in enumerate(parts):
        run = {"id": run_id, "digest": digest, "number": number}
        if not connection.run("serving/publish_part", **run, bytes=part):
            raise ModelRunError(
                f"The graph does not record a model run {run_id!r}; record it before publishing."
            )
    users = _write_pasts(connection, dataset)
    # Last: until here the database serves what was published before, whole.
    connection.run(
        "serving/publish_network",
        id=run_id,
        digest=digest,
        parts=len(parts),
        bytes=len(content),
        knownUntil=now,
    )
    return Published(run_id, digest, len(content), now, users)


def network_bytes(model: RatingModel, dataset: Dataset) -> bytes:
    """The network of an attention-LSTM with its movies and their state as of the data set's `now`.

    Raises:
        ModelRunError: the model is no attention-LSTM, or its export differs from it.
    """
    if not isinstance(model, AttentionLstm):
        raise ModelRunError(
            f"Cannot publish a {type(model).__name__}: the procedures in the database serve attention_lstm. "
            "Train one with kgrec-gds train --model attention_lstm."
        )
    network, columns, items = model.parts(dataset)
    graphs, settings = export(network, items), network.settings
    state = movie_state(dataset, dataset.now)
    whole = {
        "block": settings.block,
        "burn_in": settings.burn_in,
        "attention_steps": settings.attention_steps,
    }
    return pack(
        {
            "encoder": np.frombuffer(graphs.encoder, np.uint8),
            "scorer": np.frombuffer(graphs.scorer, np.uint8),
            "first_state": graphs.first_state,
            "columns": texts(list(columns)),
            "tconst": texts(dataset.movies.tconst),
            "items": items,
            **{name: np.array([value], np.int32) for name, value in whole.items()},
            **state,
        }
    )


def _write_pasts(connection: Connection, dataset: Dataset) -> int:
    log = dataset.derive(RatingLog)
    order, ratings = log.by_user.order, log.ratings
    codes = dataset.derive(tie_order)
    table = np.zeros(len(order), _PAST)
    columns = rating_pasts(dataset)
    columns |= {"rated_at": ratings.rated_at, "movie": codes[ratings.movie_index]}
    for name, values in columns.items():
        table[name] = values[order]
    users, first = np.unique(ratings.user_index[order], return_index=True)
    bounds = np.append(first, len(order))
    for begin in range(0, len(users), _USERS):
        chosen = range(begin, min(begin + _USERS, len(users)))
        rows = [
            {
                "userId": dataset.user_ids[users[number]],
                "pasts": table[bounds[number] : bounds[number + 1]].tobytes(),
            }
            for number in chosen
        ]
        connection.run("serving/publish_pasts", rows=rows)
    return len(users)
