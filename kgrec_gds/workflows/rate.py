"""Add one rating, which is history from the next recommendation on."""

import time
from dataclasses import dataclass

from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import InputError
from kgrec_gds.progress import Timer
from kgrec_gds.schema import MAX_RATING, MIN_RATING
from kgrec_gds.serving.find_movie import resolve_movie


@dataclass(frozen=True)
class Rated:
    """The rating as it stands in the graph."""

    user: str
    tconst: str
    title: str | None
    rating: float
    before: float | None
    """The user's earlier rating of this movie, which this one replaced."""
    rated_at: int
    """Epoch seconds, UTC."""
    seconds: dict[str, float]


def rate(
    connection: Connection, user: str, movie: str, rating: float, *, rated_at: int | None = None
) -> Rated:
    """Add a rating, or change it; the user may be new, and the movie is a tconst or a title. `rated_at` is in epoch seconds, UTC; by default now.

    Raises:
        InputError: the rating is not in 1-10, the user id is empty, or the graph has no such movie or several.
    """
    if not MIN_RATING <= rating <= MAX_RATING:
        raise InputError(
            f"Invalid rating {rating:g}; expected a number from {MIN_RATING:g} to {MAX_RATING:g}."
        )
    if not user.strip():
        raise InputError("The user id is empty; expected the id of a user, who may be new.")
    timer = Timer()
    when = int(time.time()) if rated_at is None else rated_at
    with timer.stage("write"):
        tconst = resolve_movie(connection, movie)
        found = connection.one("serving/rate", userId=user, tconst=tconst, rating=float(rating), ratedAt=when)
    return Rated(user, tconst, found["title"], float(rating), found["before"], when, timer.seconds)
