"""Find the movies nearest to a movie by their knowledge-graph vectors."""

from dataclasses import dataclass

from kgrec_gds.database.connection import Connection
from kgrec_gds.embeddings.methods import VECTOR_PROPERTIES
from kgrec_gds.errors import EmbeddingError
from kgrec_gds.progress import Timer
from kgrec_gds.serving.find_movie import resolve_movie
from kgrec_gds.serving.vector_index import ensure_index


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


def similar(connection: Connection, movie: str, *, method: str | None = None, k: int = 10) -> Similar:
    """The k movies nearest to one by cosine; by default of the preferred vectors that the movie has.

    `movie` is a tconst or a title.

    Raises:
        InputError: the graph has no such movie, or several.
        EmbeddingError: the movie has no vector of the method.
    """
    timer = Timer()
    with timer.stage("read"):
        tconst = resolve_movie(connection, movie)
        found = connection.one("serving/movie", tconst=tconst, properties=list(VECTOR_PROPERTIES.values()))
        sizes = {vector["property"]: vector["size"] for vector in found["vectors"]}
        chosen = method or next((name for name, key in VECTOR_PROPERTIES.items() if key in sizes), None)
        if chosen is None or (key := VECTOR_PROPERTIES[chosen]) not in sizes:
            raise EmbeddingError(
                f"Movie {tconst} has no {chosen or 'knowledge-graph'} vector. Create vectors with kgrec-gds embed"
                f"{f' --method {chosen}' if chosen else ''}; movies without people and genres get none."
            )
        index = ensure_index(connection, chosen, sizes[key])
        rows = connection.run("serving/similar", tconst=tconst, property=key, index=index, k=k)
    shared = ("shared_genres", "shared_people")
    movies = [SimilarMovie(**row | {name: sorted(set(row[name])) for name in shared}) for row in rows]
    return Similar(tconst, found["title"], chosen, movies, timer.seconds)
