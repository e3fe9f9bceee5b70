"""Find movies by their title."""

from dataclasses import dataclass

from kgrec_gds.database.connection import Connection
from kgrec_gds.progress import Timer
from kgrec_gds.serving.find_movie import FoundMovie, find_movies


@dataclass(frozen=True)
class Found:
    """Movies whose title fits a text, best first."""

    text: str
    movies: list[FoundMovie]
    more: int
    """How many more fit."""
    seconds: dict[str, float]


def find(connection: Connection, text: str, *, limit: int = 10) -> Found:
    """The movies whose title fits a text best; none is no error.

    The full-text index of titles is created if the database has none.
    """
    timer = Timer()
    with timer.stage("read"):
        movies = find_movies(connection, text)
    return Found(text, movies[:limit], max(0, len(movies) - limit), timer.seconds)
