"""One new rating, used as history from the next recommendation on."""

import time
from dataclasses import dataclass

from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import InputError
from kgrec_gds.schema import MAX_RATING, MIN_RATING


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


def rate(graph: Connection, user: str, tconst: str, rating: float, *, rated_at: int | None = None) -> Rated:
    """Add or change a rating; the user may be new.

    Args:
        graph: the database.
        user: user id.
        tconst: a movie of the graph.
        rating: 1-10.
        rated_at: epoch seconds, UTC; now by default.

    Raises:
        InputError: the rating lies outside 1-10, the user has no name, or the graph has no such movie.
    """
    if not MIN_RATING <= rating <= MAX_RATING:
        raise InputError(f"A rating should lie in {MIN_RATING:g}-{MAX_RATING:g}; received {rating:g}.")
    if not user.strip():
        raise InputError("A user should have an id; received an empty one.")
    moment = int(time.time()) if rated_at is None else rated_at
    found = graph.run("serving/rate", userId=user, tconst=tconst, rating=float(rating), ratedAt=moment)
    if not found:
        raise InputError(
            f"The graph has no movie {tconst!r}. A tconst reads like tt0114709; look one up by its title."
        )
    return Rated(user, tconst, found[0]["title"], float(rating), found[0]["before"], moment)
