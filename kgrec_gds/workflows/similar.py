"""Find the movies nearest to a movie by their knowledge-graph vectors."""

from dataclasses import dataclass

from kgrec_gds.database.connection import Connection
from kgrec_gds.embeddings.methods import VECTOR_PROPERTIES
from kgrec_gds.progress import Timer
from kgrec_gds.serving.recommendations import unknown_movie
from kgrec_gds.serving.similar_movies import nearest_movies


@dataclass(frozen=True)
class SimilarMovie:
    """One neighbour."""

    tconst: str
    title: str | None
    year: int | None
    score: float
    """Cosine similarity of the vectors, scaled to 0-1."""
    shared_genres: list[str]
    shared_people: list[str]


@dataclass(frozen=True)
class Similar:
    """A movie's neighbours, nearest first."""

    tconst: str
    title: str | None
    method: str
    movies: list[SimilarMovie]
    seconds: dict[str, float]


def similar(connection: Connection, tconst: str, *, method: str | None = None, k: int = 10) -> Similar:
    """The k movies nearest to one.

    Args:
        connection: the database.
        tconst: a movie of the graph.
        method: whose vectors to compare; by default the preferred of those that the movie has.
        k: number of movies.

    Raises:
        InputError: the graph has no such movie.
        EmbeddingError: the movie has no vector of the method.
    """
    timer = Timer()
    with timer.stage("read"):
        found = connection.run("serving/movie", tconst=tconst, properties=list(VECTOR_PROPERTIES.values()))
        if not found:
            raise unknown_movie(tconst)
        sizes = {vector["property"]: vector["size"] for vector in found[0]["vectors"]}
        chosen, rows = nearest_movies(connection, tconst, sizes, method=method, k=k)
    movies = [
        SimilarMovie(
            row["tconst"],
            row["title"],
            row["year"],
            row["score"],
            sorted(row["sharedGenres"]),
            sorted(set(row["sharedPeople"])),
        )
        for row in rows
    ]
    return Similar(tconst, found[0]["title"], chosen, movies, timer.seconds)
