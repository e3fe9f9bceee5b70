"""Explain a predicted rating: attended movies, paths through the graph, and what each part contributes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from kgrec_gds import home
from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import InputError
from kgrec_gds.explanations.explanation import (
    AttendedStep,
    Contributions,
    Counterfactual,
    Explanation,
    GraphPath,
    LeftOut,
    PathNode,
    RankingParts,
)
from kgrec_gds.progress import Timer
from kgrec_gds.serving.find_movie import resolve_movie
from kgrec_gds.serving.model_runs import promoted_id
from kgrec_gds.serving.recommend_in_database import model_in_database
from kgrec_gds.serving.recommendations import ScoreReason, unknown_user, without_attention

if TYPE_CHECKING:
    from kgrec_gds.serving.loaded_model import LoadedModel

#: Without attention, paths start from this many of the user's latest ratings.
_LATEST = 50
_NO_HISTORY = (
    "The user has no earlier rating: the prediction rests on averages and on the movie's people and genres."
)
_NO_PATH = "The past movies and this one share no person and no genre, and no path of four steps joins them."


@home.private_files()
def explain(
    connection: Connection,
    user: str,
    movie: str,
    *,
    model_id: str | None = None,
    graph_only: bool = False,
    contributions: bool = False,
    paths: int = 10,
    html: Path | None = None,
    heatmap: Path | None = None,
    beside: Sequence[str] = (),
    loaded: "LoadedModel | None" = None,
) -> Explanation:
    """Explain the predicted rating of a movie, a tconst or a title, by a user.

    Rating and attention are those that `predict` wrote, if they are newer than the user's last rating; otherwise they are
    predicted now, for any user and movie. A movie that the user has rated is explained as of just before that
    rating. Where the database serves the model run, its procedure explains an unrated movie: parts of the score, and
    counterfactuals; the model is loaded only with `contributions`. With `graph_only` nothing is predicted. `html` and `heatmap` are files to write a
    page and a picture to; `beside` are more users in the picture.

    Raises:
        InputError: there is no such user or movie, the title is ambiguous, or with `graph_only` no prediction that is up to date.
        ModelRunError: a model is needed and there is none.
    """
    timer = Timer()
    with timer.stage("read"):
        tconst = resolve_movie(connection, movie)
        pair = _pair(connection, user, tconst, model_id or (loaded.model_id if loaded else None))
    found = _written(pair)
    if graph_only and found is None:
        raise InputError(
            f"The graph holds no prediction of {tconst} for user {user} that is newer than the user's last rating. "
            "Leave out --graph-only to predict it now, or run kgrec-gds predict."
        )
    parts = ranking = None
    if not graph_only and loaded is None and pair["rated_at"] is None:
        with timer.stage("ask"):
            asked = _ask(connection, user, tconst, found.model_id if found else model_id)
        if asked is not None:
            live, ranking = asked
            found = found or live
    if not graph_only and (ranking is None or contributions):
        if loaded is None:
            with timer.stage("load"):
                # Imported here because tensorflow takes seconds.
                from kgrec_gds.serving.loaded_model import LoadedModel

                loaded = LoadedModel.load(connection, found.model_id if found else model_id)
        with timer.stage("predict"):
            now, parts = _predict(loaded, user, tconst)
        found = found or now
    assert found is not None
    with timer.stage("paths"):
        history = connection.run("explanations/history", userId=user, until=pair["rated_at"])
        starts, weights, notes = _starts(found, history)
        rows = connection.run("explanations/paths", tconst=tconst, movies=starts, weights=weights, k=paths)
    if starts and not rows:
        notes.append(_NO_PATH)
    explanation = Explanation(
        user=user,
        movie=tconst,
        title=pair["title"],
        year=pair["year"],
        rating=found.rating,
        given=pair["rated"],
        attention=_steps(connection, found, history),
        paths=[
            GraphPath([PathNode(**node) for node in row["nodes"]], row["relationships"], row["score"])
            for row in rows
        ],
        contributions=parts,
        ranking=ranking,
        note=" ".join(notes) or None,
        model_id=found.model_id,
        source=found.source,
        seconds=timer.seconds,
    )
    with timer.stage("draw"):
        if html is not None:
            from kgrec_gds.explanations.explanation_page import write_page

            write_page(explanation, html)
        if heatmap is not None:
            from kgrec_gds.explanations.heatmap import attention_heatmap

            attention_heatmap(connection, (user, *beside), heatmap, model_id=explanation.model_id)
    return explanation


@dataclass(frozen=True)
class _Found:
    """A predicted rating, written or made now."""

    rating: float
    movies: list[str]
    weights: list[float]
    model_id: str
    source: Literal["graph", "procedure", "model"]


def _ask(
    connection: Connection, user: str, tconst: str, model_id: str | None
) -> tuple[_Found, RankingParts] | None:
    """The answer of the database's procedure; None where it cannot give one."""
    served = model_in_database(connection, model_id or promoted_id(connection))
    if served is None:
        return None
    row = connection.one("explanations/live", userId=user, tconst=tconst, configuration={"modelId": served})
    attention = row["attention_movies"] or [], row["attention_weights"] or []
    counterfactuals = [
        Counterfactual(**each | {"left_out": [LeftOut(**rating) for rating in each["left_out"]]})
        for each in row["counterfactuals"]
    ]
    reasons = [ScoreReason(**reason) for reason in row["reasons"]]
    parts = RankingParts(row["rank"], row["score"], reasons, row["popularity"], row["other"], counterfactuals)
    return _Found(row["rating"], *attention, served, "procedure"), parts


def _pair(connection: Connection, user: str, tconst: str, model_id: str | None) -> dict[str, Any]:
    model_id = model_id or promoted_id(connection)
    pair = connection.one("explanations/pair", userId=user, tconst=tconst, modelId=model_id)
    if not pair["user_found"]:
        raise unknown_user(user)
    return pair


def _written(pair: dict[str, Any]) -> _Found | None:
    """The written prediction, if it is up to date.

    A prediction of a given rating was made as of that rating, so later ratings do not change it, unless the movie was
    rated again. A recommendation is about now: any change of the user's ratings makes it out of date.
    """
    predicted_at, rated_at = pair["predicted_at"], pair["rated_at"]
    if predicted_at is None:
        return None
    if pair["rank"] is None:
        current = rated_at is not None and rated_at < predicted_at
    else:
        current = rated_at is None and pair["current"]
    if not current:
        return None
    attention = pair["attention_movies"] or [], pair["attention_weights"] or []
    return _Found(pair["rating"], *attention, pair["model_id"], "graph")


def _predict(loaded: "LoadedModel", user: str, tconst: str) -> tuple[_Found, Contributions]:
    """Predict now, and again without each part."""
    import numpy as np

    from kgrec_gds.explanations.contributions import contributions
    from kgrec_gds.serving.predictions import Predictions

    loaded.refresh([user])
    user_row, movie_row = loaded.user_index(user), loaded.movie_index(tconst)
    if movie_row is None:
        raise InputError(f"Movie {tconst} was added after the model was loaded; load it again.")
    query = loaded.pair_queries(np.array([user_row or 0], np.int32), np.array([movie_row], np.int32))
    model = loaded.model_at(int(query.known_until[0]))
    rating, attention = model.predict_with_attention(loaded.dataset, query)
    movies, weights = Predictions.of(loaded.dataset, query, rating, attention).attention_of(0)
    parts = contributions(model, loaded.dataset, query, float(rating[0]), attention)
    return _Found(float(rating[0]), movies, weights, loaded.model_id, "model"), parts


def _starts(found: _Found, history: list[dict[str, Any]]) -> tuple[list[str], list[float], list[str]]:
    """Past movies from which paths start, their weights, and notes about them."""
    if found.movies:
        return found.movies, found.weights, []
    latest = [row["tconst"] for row in history][-_LATEST:]
    if not latest:
        return [], [], [_NO_HISTORY]
    notes = [without_attention(found.model_id), "Paths start from the user's latest ratings."]
    return latest, [1 / len(latest)] * len(latest), notes


def _steps(connection: Connection, found: _Found, history: list[dict[str, Any]]) -> list[AttendedStep]:
    """Attended movies with the earlier ratings of them; a movie that was rated again since has none."""
    rated = {row["tconst"]: row for row in history}
    again = [tconst for tconst in found.movies if tconst not in rated]
    titles = {row["tconst"]: row["title"] for row in connection.run("explanations/titles", tconsts=again)}
    steps = []
    for tconst, weight in zip(found.movies, found.weights, strict=True):
        row = rated.get(tconst, {"title": titles.get(tconst), "rating": None, "rated_at": None})
        steps.append(AttendedStep(tconst, row["title"], weight, row["rating"], row["rated_at"]))
    return steps
