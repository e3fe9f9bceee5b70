"""Recommend movies to users: read from the graph where that is up to date, else ranked and predicted now."""

import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import InputError
from kgrec_gds.progress import Timer, warn
from kgrec_gds.serving.model_runs import promoted_id
from kgrec_gds.serving.recommend_in_database import (
    candidates,
    model_in_database,
    recommend_in_database,
    recommendation,
    unknown_movies,
)
from kgrec_gds.serving.recommend_request import RecommendRequest
from kgrec_gds.serving.recommendations import (
    Attended,
    Recommendation,
    Recommendations,
    ScoreReason,
    no_movie_left,
    unknown_user,
    without_attention,
)

if TYPE_CHECKING:
    from kgrec_gds.serving.loaded_model import LoadedModel
    from kgrec_gds.serving.predictions import Predictions
    from kgrec_gds.serving.recommender import RecommendOptions

_MOST_ATTENDED = 3


def recommend(
    connection: Connection,
    user: str,
    request: RecommendRequest | None = None,
    *,
    loaded: "LoadedModel | None" = None,
) -> Recommendations:
    """Recommend movies to a user.

    What `predict` wrote is read if it is newer than the user's last rating and holds k movies. Otherwise, and with any
    option but `k`, movies are ranked and their ratings predicted now, with all ratings of the user as history: by the
    procedure of the plugin where the database has it and the model run is published, else here.

    Raises:
        InputError: the graph has no such user, an invalid option, or no movie meets the conditions.
        ModelRunError: a model is needed and there is none.
    """
    (found,) = recommend_many(connection, [user], request, loaded=loaded)
    return found


def recommend_many(
    connection: Connection,
    users: Iterable[str],
    request: RecommendRequest | None = None,
    *,
    loaded: "LoadedModel | None" = None,
) -> list[Recommendations]:
    """Recommend movies to several users, in the order given; see `recommend`."""
    request, timer, users = request or RecommendRequest(), Timer(), list(dict.fromkeys(users))
    request.check()
    written: dict[str, Recommendations] = {}
    if request.default:
        with timer.stage("read"):
            model_id = request.model_id or promoted_id(connection)
            found = {user: _written(connection, user, request.k, model_id) for user in users}
            written = {user: each for user, each in found.items() if each is not None}
    rest = [user for user in users if user not in written]
    made: dict[str, Recommendations] = {}
    if rest:
        _check_users(connection, rest)
        in_database = None
        if loaded is None and request.order == "relevance" and request.as_of is None:
            with timer.stage("look"):
                in_database = model_in_database(connection, request.model_id or promoted_id(connection))
        if in_database is not None:
            with timer.stage("ask"):
                configuration = _configuration(connection, request)
                made = {
                    user: recommend_in_database(connection, user, in_database, configuration) for user in rest
                }
        else:
            if loaded is None:
                with timer.stage("load"):
                    # Imported here because tensorflow takes seconds.
                    from kgrec_gds.serving.loaded_model import LoadedModel

                    loaded = LoadedModel.load(connection, request.model_id)
            with timer.stage("refresh"):
                loaded.refresh(rest)
            with timer.stage("predict"):
                made = _predict(loaded, rest, request.options())
    return [replace((written | made)[user], seconds=timer.seconds) for user in users]


def _configuration(connection: Connection, request: RecommendRequest) -> dict[str, Any]:
    """The request as the procedure's configuration."""
    among, exclude = None if request.among is None else frozenset(request.among), frozenset(request.exclude)
    _warn_of_unknown_movies(unknown_movies(connection, exclude | (among or frozenset())), among)
    configuration: dict[str, Any] = {"topK": request.k, "minRatings": request.min_ratings}
    configuration |= {"diversity": float(request.diversity), "newPlaces": request.new}
    if request.genres or request.years or among is not None or exclude:
        configuration["candidates"] = candidates(
            connection, request.genres, request.year_range, among, exclude
        )
    return configuration


def _check_users(connection: Connection, users: list[str]) -> None:
    for user in users:
        if not connection.one("serving/user_exists", userId=user)["found"]:
            raise unknown_user(user)


def _predict(
    loaded: "LoadedModel", users: list[str], options: "RecommendOptions"
) -> dict[str, Recommendations]:
    """Rank and predict now."""
    import numpy as np

    from kgrec_gds.serving.recommender import recommend_users

    _warn_of_unknown_movies(options.filters.unknown(loaded.dataset), options.filters.among)
    # A user without a rating is no row of the data set; row 0 is a user without history.
    rows = np.array([loaded.user_index(user) or 0 for user in users], np.int32)
    notes = [note for note in (loaded.note, _as_of_note(loaded, options)) if note]
    predicted_at = int(time.time())
    predicted = recommend_users(loaded, rows, options)
    keys = sorted({key for part in predicted.parts for key in part.people})
    known = loaded.connection.run("serving/names", nconsts=keys) if keys else []
    names = {each["nconst"]: each["name"] for each in known}
    ratings = _rating_counts(loaded, predicted, options)
    starts = np.flatnonzero(predicted.rank == 1)
    if len(starts) < len(users):
        listed = set(predicted.user_ids)
        full = (user for user, row in zip(users, rows, strict=True) if row and user not in listed)
        raise no_movie_left(next(full, users[0]))
    lists = np.split(np.arange(len(predicted)), starts[1:])
    note = " ".join(notes) or None
    found = {}
    for user, places in zip(users, lists, strict=True):
        made = [_predicted(loaded, predicted, place, names, ratings[place]) for place in places.tolist()]
        found[user] = Recommendations(user, "model", loaded.model_id, predicted_at, made, note, {})
    return found


def _warn_of_unknown_movies(unknown: list[str], among: frozenset[str] | None) -> None:
    if unknown:
        more = f" and {len(unknown) - 3} more" if len(unknown) > 3 else ""
        warn(f"The graph has no movie {', '.join(unknown[:3])}{more}; ignored.")
    if among is not None and among <= set(unknown):
        raise InputError(
            "The graph has none of the movies to choose among; expected tconsts such as tt0114709."
        )


def _as_of_note(loaded: "LoadedModel", options: "RecommendOptions") -> str | None:
    """Say what a date in the past does not undo."""
    cutoff = loaded.run.read("metrics")["cutoffs"].get("test")
    at = options.as_of
    if at is None or at >= loaded.dataset.now or (cutoff is not None and at >= cutoff):
        return None
    until = f" before {datetime.fromtimestamp(cutoff, UTC):%Y-%m-%d}" if cutoff is not None else ""
    return f"Model and ranking were fitted on ratings{until}, some of them later than this date."


def _rating_counts(loaded: "LoadedModel", predicted: "Predictions", options: "RecommendOptions") -> list[int]:
    from kgrec_gds.ranking.filters import rating_counts

    at = options.as_of if options.as_of is not None else loaded.dataset.now
    counts = rating_counts(loaded.dataset, at)
    return [int(counts[loaded.movie_index(str(tconst)) or 0]) for tconst in predicted.tconsts]


def _predicted(
    loaded: "LoadedModel", predictions: "Predictions", row: int, names: dict[str, str | None], ratings: int
) -> Recommendation:
    tconst, part = str(predictions.tconsts[row]), predictions.parts[row]
    attention = sorted(zip(*predictions.attention_of(row), strict=True), key=lambda step: -step[1])
    title, year = loaded.title_and_year(tconst)
    liked = zip(part.movies, part.movie_parts, strict=True)
    shared = zip(part.people, part.people_parts, strict=True)
    return Recommendation(
        rank=int(predictions.rank[row]),
        tconst=tconst,
        title=title,
        year=year,
        ratings=ratings,
        predicted_rating=float(predictions.rating[row]),
        score=float(predictions.score[row]),
        reasons=[
            *(ScoreReason("liked_movie", key, loaded.title_and_year(key)[0], value) for key, value in liked),
            *(ScoreReason("shared_person", key, names.get(key), value) for key, value in shared),
        ],
        popularity=part.popularity,
        other=part.other,
        attention=[
            Attended(past, loaded.title_and_year(past)[0], weight)
            for past, weight in attention[:_MOST_ATTENDED]
        ],
    )


def _written(connection: Connection, user: str, k: int, model_id: str | None) -> Recommendations | None:
    """What stands in the graph; None if it is out of date or holds fewer than k movies."""
    rows = connection.run("serving/written", userId=user, modelId=model_id, k=k)
    if len(rows) < k or any(row["rated_since"] or row["score"] is None for row in rows):
        return None
    if not all(row["current"] for row in rows):
        return None
    found = [recommendation(row) for row in rows]
    attends = rows[0]["last_rated_at"] is None or any(row.attention for row in found)
    return Recommendations(
        user=user,
        source="graph",
        model_id=rows[0]["model_id"],
        predicted_at=rows[0]["predicted_at"],
        recommendations=found,
        note=None if attends else without_attention(rows[0]["model_id"]),
        seconds={},
    )
