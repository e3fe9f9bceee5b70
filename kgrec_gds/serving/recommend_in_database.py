"""Recommend by the procedure of the plugin: no TensorFlow, no pull, and every rating that the database has counts."""

import time
from typing import Any

from kgrec_gds.database.connection import Connection
from kgrec_gds.ranking.genre_names import check_genres
from kgrec_gds.serving.recommendations import (
    Attended,
    Recommendation,
    Recommendations,
    ScoreReason,
    no_movie_left,
)


def model_in_database(connection: Connection, model_id: str | None) -> str | None:
    """Id of the run that the database can recommend by; None without the plugin, or where the run is not published."""
    if not connection.one("serving/has_procedures")["present"]:
        return None
    rows = connection.run("serving/serves_live", modelId=model_id)
    return rows[0]["model_id"] if rows else None


def recommend_in_database(
    connection: Connection, user: str, model_id: str, configuration: dict[str, Any]
) -> Recommendations:
    """Call `kgrec.recommend`.

    Args:
        connection: the database.
        user: id of a user of the graph.
        model_id: of `model_in_database`.
        configuration: of the procedure, with `candidates` as tconsts.
    """
    rows = connection.run(
        "serving/recommend_live", userId=user, configuration={**configuration, "modelId": model_id}
    )
    if not rows:
        raise no_movie_left(user)
    return Recommendations(
        user=user,
        source="procedure",
        model_id=model_id,
        predicted_at=int(time.time()),
        recommendations=[recommendation(row) for row in rows],
        note=None,
        seconds={},
    )


def recommendation(row: dict[str, Any]) -> Recommendation:
    """A recommendation from a record, written or live."""
    plain = ("rank", "tconst", "title", "year", "ratings", "predicted_rating", "score", "popularity", "other")
    return Recommendation(
        **{name: row[name] for name in plain},
        reasons=[ScoreReason(**reason) for reason in row["reasons"]],
        attention=[Attended(past["tconst"], past["title"], past["weight"]) for past in row["attention"]],
    )


def candidates(
    connection: Connection,
    genres: tuple[str, ...],
    years: tuple[int | None, int | None],
    among: frozenset[str] | None,
    exclude: frozenset[str],
) -> list[str]:
    """The tconst of every movie that meets the conditions.

    Raises:
        InputError: a genre that the graph does not have, or no movie is left.
    """
    check_genres(genres, connection.one("serving/genre_names")["names"])
    found: list[str] = connection.one(
        "serving/candidates",
        genres=[genre.lower() for genre in genres],
        first=years[0],
        last=years[1],
        among=None if among is None else sorted(among),
        exclude=sorted(exclude),
    )["tconsts"]
    if not found:
        raise no_movie_left()
    return found


def unknown_movies(connection: Connection, tconsts: frozenset[str]) -> list[str]:
    """Those of these movies that the graph does not have, sorted."""
    if not tconsts:
        return []
    known = connection.one("serving/known_movies", tconsts=sorted(tconsts))["tconsts"]
    return sorted(tconsts.difference(known))
