"""Recommendations of one user: read from the graph where they are fresh, scored by the model where not."""

from dataclasses import replace
from typing import Any

from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import InputError
from kgrec_gds.progress import Timer
from kgrec_gds.serving.model_runs import promoted_id
from kgrec_gds.serving.recommendations import Attended, Recommendation, Recommendations


def recommend(
    graph: Connection,
    user: str,
    *,
    k: int = 10,
    live: bool = False,
    model_id: str | None = None,
    candidates: int | None = 500,
) -> Recommendations:
    """The k best unseen movies of a user.

    What `predict` wrote is read where it is newer than the user's last rating and holds k movies; else, or where
    `live` is asked for, the model scores, with every rating that the user has by now as history.

    Args:
        graph: the database.
        user: user id.
        k: how many movies.
        live: score, whatever is written.
        model_id: a model run; the promoted, else the latest one by default.
        candidates: when scoring, movies preselected by a cheap causal score; None scores all.

    Raises:
        InputError: the graph has no such user.
        ModelRunError: scoring is needed and no model run is at hand.
    """
    timer = Timer()
    if not live:
        with timer.stage("read"):
            written = _written(graph, user, k, model_id or promoted_id(graph))
        if written is not None:
            return replace(written, seconds=timer.seconds)
    if not graph.one("serving/user_exists", userId=user)["found"]:
        raise InputError(
            f"The graph has no user {user!r}. A first rating makes one: kgrec-gds rate {user} TCONST RATING."
        )
    # Only here: the model brings tensorflow, which takes seconds.
    from kgrec_gds.serving.live import LiveRecommender

    with timer.stage("load"):
        recommender = LiveRecommender.load(graph, model_id, candidates=candidates)
    with timer.stage("score"):
        scored = recommender.recommend(user, k)
    return replace(scored, seconds=timer.seconds)


def _written(graph: Connection, user: str, k: int, model_id: str | None) -> Recommendations | None:
    """What stands in the graph, None where it is too old or too little."""
    rows = graph.run("serving/written", userId=user, modelId=model_id, k=k)
    if len(rows) < k or any(row["rated_since"] for row in rows):
        return None
    if (rows[0]["last_rated_at"] or 0) >= min(row["predicted_at"] for row in rows):
        return None
    return Recommendations(
        user,
        "graph",
        rows[0]["model_id"],
        rows[0]["predicted_at"],
        [_recommendation(row) for row in rows],
        {},
    )


def _recommendation(row: dict[str, Any]) -> Recommendation:
    attention = [Attended(seen["tconst"], seen["title"], seen["weight"]) for seen in row["attention"]]
    return Recommendation(
        row["rank"], row["tconst"], row["title"], row["year"], row["predicted_rating"], attention
    )
