"""Recommend movies to one user: read from the graph where that is up to date, else predicted now."""

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kgrec_gds.database.connection import Connection
from kgrec_gds.progress import Timer
from kgrec_gds.serving.model_runs import promoted_id
from kgrec_gds.serving.recommendations import (
    Attended,
    Recommendation,
    Recommendations,
    unknown_user,
    without_attention,
)

if TYPE_CHECKING:
    from kgrec_gds.serving.loaded_model import LoadedModel
    from kgrec_gds.serving.predictions import Predictions

_MOST_ATTENDED = 3


def recommend(
    connection: Connection,
    user: str,
    *,
    k: int = 10,
    live: bool = False,
    model_id: str | None = None,
    candidates: int | None = 500,
    loaded: "LoadedModel | None" = None,
) -> Recommendations:
    """The k best unseen movies of a user.

    What `predict` wrote is read if it is newer than the user's last rating and holds k movies. Otherwise, and with
    `live`, the model predicts now, with all ratings of the user as history.

    Raises:
        InputError: the graph has no such user.
        ModelRunError: a model is needed and there is none.
    """
    timer = Timer()
    if not live:
        with timer.stage("read"):
            written = _written(connection, user, k, model_id or promoted_id(connection))
        if written is not None:
            return replace(written, seconds=timer.seconds)
    if not connection.one("serving/user_exists", userId=user)["found"]:
        raise unknown_user(user)
    if loaded is None:
        with timer.stage("load"):
            # Imported here because tensorflow takes seconds.
            from kgrec_gds.serving.loaded_model import LoadedModel

            loaded = LoadedModel.load(connection, model_id)
    with timer.stage("refresh"):
        loaded.refresh([user])
    with timer.stage("predict"):
        predicted = loaded.recommend(user, k, candidates)
    return Recommendations(
        user=user,
        source="model",
        model_id=loaded.model_id,
        predicted_at=int(time.time()),
        recommendations=[_predicted(loaded, predicted, row) for row in range(len(predicted))],
        note=loaded.note,
        seconds=timer.seconds,
    )


def _predicted(loaded: "LoadedModel", predictions: "Predictions", row: int) -> Recommendation:
    tconst = str(predictions.tconsts[row])
    attention = sorted(zip(*predictions.attention_of(row), strict=True), key=lambda step: -step[1])
    title, year = loaded.title_and_year(tconst)
    return Recommendation(
        rank=int(predictions.rank[row]),
        tconst=tconst,
        title=title,
        year=year,
        predicted_rating=float(predictions.rating[row]),
        attention=[
            Attended(past, loaded.title_and_year(past)[0], weight)
            for past, weight in attention[:_MOST_ATTENDED]
        ],
    )


def _written(connection: Connection, user: str, k: int, model_id: str | None) -> Recommendations | None:
    """What stands in the graph; None if it is out of date or holds fewer than k movies."""
    rows = connection.run("serving/written", userId=user, modelId=model_id, k=k)
    if len(rows) < k or any(row["rated_since"] for row in rows):
        return None
    last_rated_at = rows[0]["last_rated_at"]
    if (last_rated_at or 0) >= min(row["predicted_at"] for row in rows):
        return None
    found = [_recommendation(row) for row in rows]
    attends = last_rated_at is None or any(row.attention for row in found)
    return Recommendations(
        user=user,
        source="graph",
        model_id=rows[0]["model_id"],
        predicted_at=rows[0]["predicted_at"],
        recommendations=found,
        note=None if attends else without_attention(rows[0]["model_id"]),
        seconds={},
    )


def _recommendation(row: dict[str, Any]) -> Recommendation:
    attention = [Attended(past["tconst"], past["title"], past["weight"]) for past in row["attention"]]
    return Recommendation(
        row["rank"], row["tconst"], row["title"], row["year"], row["predicted_rating"], attention
    )
