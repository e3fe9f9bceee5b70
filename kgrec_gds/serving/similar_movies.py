"""Nearest movies by knowledge-graph vectors, through a vector index of the database."""

from typing import Any

from kgrec_gds.database.connection import Connection
from kgrec_gds.embeddings.methods import VECTOR_PROPERTIES
from kgrec_gds.errors import EmbeddingError

_WAIT_SECONDS = 600


def nearest_movies(
    connection: Connection, tconst: str, sizes: dict[str, int], *, method: str | None = None, k: int = 10
) -> tuple[str, list[dict[str, Any]]]:
    """The method used and the k nearest movies by cosine; the index is created on first use.

    Args:
        connection: the database.
        tconst: a movie of the graph.
        sizes: size of the movie's vectors by property.
        method: whose vectors; by default the preferred of those that the movie has.
        k: number of movies.

    Raises:
        EmbeddingError: the movie has no vector of the method.
    """
    chosen = method or next((name for name, key in VECTOR_PROPERTIES.items() if key in sizes), None)
    if chosen is None or VECTOR_PROPERTIES[chosen] not in sizes:
        raise EmbeddingError(
            f"Movie {tconst} has no {chosen or 'knowledge-graph'} vector. Create vectors with kgrec-gds embed"
            f"{f' --method {chosen}' if chosen else ''}; movies without people and genres get none."
        )
    key = VECTOR_PROPERTIES[chosen]
    _ensure_index(connection, chosen, sizes[key])
    return chosen, connection.run(
        "serving/similar", tconst=tconst, property=key, index=f"movie_{chosen}", k=k
    )


def _ensure_index(connection: Connection, method: str, size: int) -> None:
    name = f"movie_{method}"
    sizes = {row["name"]: row["size"] for row in connection.run_alone("serving/vector_indexes")}
    if sizes.get(name) == size:
        return
    if name in sizes:
        connection.run_alone("serving/drop_index", name=name)
    config = {"vector.dimensions": size, "vector.similarity_function": "cosine"}
    connection.run_alone(f"serving/vector_index_{method}", options={"indexConfig": config})
    connection.run_alone("loading/await_indexes", seconds=_WAIT_SECONDS)
