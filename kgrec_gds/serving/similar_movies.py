"""Movies near to a movie by knowledge-graph vectors, through a vector index of the database."""

from dataclasses import dataclass
from typing import Any

from kgrec_gds.database.connection import Connection
from kgrec_gds.embeddings.methods import VECTOR_PROPERTIES
from kgrec_gds.errors import EmbeddingError, InputError

_WAIT_SECONDS = 600


@dataclass(frozen=True)
class SimilarMovie:
    """One neighbour."""

    tconst: str
    title: str | None
    year: int | None
    score: float
    """Cosine of the vectors, scaled to 0-1."""
    shared_genres: list[str]
    shared_people: list[str]


@dataclass(frozen=True)
class Similar:
    """A movie's neighbours, nearest first."""

    tconst: str
    title: str | None
    method: str
    movies: list[SimilarMovie]


def similar(graph: Connection, tconst: str, *, method: str | None = None, k: int = 10) -> Similar:
    """The k movies nearest to one; the index is made on first use.

    Args:
        graph: the database.
        tconst: a movie of the graph.
        method: whose vectors to compare; the preferred among those the movie has by default.
        k: how many.

    Raises:
        InputError: the graph has no such movie.
        EmbeddingError: the movie has no vector of the method.
    """
    found = graph.run("serving/movie", tconst=tconst, properties=list(VECTOR_PROPERTIES.values()))
    if not found:
        raise InputError(
            f"The graph has no movie {tconst!r}. A tconst reads like tt0114709; look one up by its title."
        )
    sizes = {vector["property"]: vector["size"] for vector in found[0]["vectors"]}
    chosen = method or next((name for name, key in VECTOR_PROPERTIES.items() if key in sizes), None)
    if chosen is None or VECTOR_PROPERTIES[chosen] not in sizes:
        raise EmbeddingError(
            f"Movie {tconst} should have a {chosen or 'graph'} vector, but has none. Make them by kgrec-gds embed"
            f"{f' --method {chosen}' if chosen else ''}; a movie without any fact gets none."
        )
    _ensure_index(graph, chosen, sizes[VECTOR_PROPERTIES[chosen]])
    rows = graph.run(
        "serving/similar", tconst=tconst, property=VECTOR_PROPERTIES[chosen], index=f"movie_{chosen}", k=k
    )
    return Similar(tconst, found[0]["title"], chosen, [_movie(row) for row in rows])


def _ensure_index(graph: Connection, method: str, size: int) -> None:
    sizes = {row["name"]: row["size"] for row in graph.run_alone("serving/vector_indexes")}
    existing = sizes.get(f"movie_{method}")
    if existing == size:
        return
    if existing is not None:
        graph.run_alone(f"serving/drop_vector_index_{method}")
    config = {"vector.dimensions": size, "vector.similarity_function": "cosine"}
    graph.run_alone(f"serving/vector_index_{method}", options={"indexConfig": config})
    graph.run_alone("loading/await_indexes", seconds=_WAIT_SECONDS)


def _movie(row: dict[str, Any]) -> SimilarMovie:
    people = sorted(set(row["sharedPeople"]))
    return SimilarMovie(
        row["tconst"], row["title"], row["year"], row["score"], sorted(row["sharedGenres"]), people
    )
