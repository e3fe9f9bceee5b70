"""The vector indexes of the database, which find the movies nearest to one."""

from kgrec_gds.database.connection import Connection

_WAIT_SECONDS = 600


def ensure_index(connection: Connection, method: str, size: int) -> str:
    """Name of the vector index of a method, created if there is none of this size."""
    name = f"movie_{method}"
    sizes = {row["name"]: row["size"] for row in connection.run_alone("serving/vector_indexes")}
    if sizes.get(name) == size:
        return name
    if name in sizes:
        connection.run_alone("serving/drop_index", name=name)
    config = {"vector.dimensions": size, "vector.similarity_function": "cosine"}
    connection.run_alone(f"serving/vector_index_{method}", options={"indexConfig": config})
    connection.run_alone("loading/await_indexes", seconds=_WAIT_SECONDS)
    return name
