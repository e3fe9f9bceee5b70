"""A graph of movies in groups, loaded by plain Cypher so that these tests need no other package."""

from typing import Any

import numpy as np

from kgrec_gds.database.connection import Connection

MOVIES, GROUPS = 60, 4
#: Movies without persons and genres.
BARE = ("tt9990001", "tt9990002")

CLEAR = "MATCH (n) DETACH DELETE n"
LOAD = """
UNWIND $movies AS row MERGE (m:Movie {tconst: row.tconst}) SET m.title = row.title
WITH count(*) AS done
UNWIND $relationships AS row
MERGE (p:Person {nconst: row.nconst})
WITH row, p
MATCH (m:Movie {tconst: row.tconst})
FOREACH (_ IN CASE row.type WHEN 'ACTED_IN' THEN [1] ELSE [] END |
  MERGE (p)-[a:ACTED_IN]->(m) SET a.ordering = row.ordering SET p:Actor)
FOREACH (_ IN CASE row.type WHEN 'DIRECTED' THEN [1] ELSE [] END | MERGE (p)-[:DIRECTED]->(m) SET p:Director)
FOREACH (_ IN CASE row.type WHEN 'WROTE' THEN [1] ELSE [] END | MERGE (p)-[:WROTE]->(m) SET p:Writer)
WITH count(*) AS done
UNWIND $genres AS row
MATCH (m:Movie {tconst: row.tconst})
MERGE (g:Genre {name: row.name})
MERGE (m)-[:HAS_GENRE]->(g)
WITH count(*) AS done
UNWIND $ratings AS row
MATCH (m:Movie {tconst: row.tconst})
MERGE (u:User {userId: row.userId})
MERGE (u)-[r:RATED]->(m) SET r.rating = row.rating, r.ratedAt = row.ratedAt
"""


def rows(seed: int = 0) -> dict[str, list[dict[str, Any]]]:
    """Movies in groups; each group has its own directors, actors and genre, with a little noise."""
    rng = np.random.default_rng(seed)
    movies = [{"tconst": f"tt{i:07d}", "title": f"Film {i}"} for i in range(1, MOVIES + 1)]
    relationships, genres = [], []
    for i, movie in enumerate(movies):
        group = i % GROUPS
        near = group if rng.random() < 0.9 else int(rng.integers(GROUPS))
        for type_, count, size, start in (
            ("DIRECTED", 1, 3, 100),
            ("WROTE", 1, 3, 200),
            ("ACTED_IN", 3, 8, 300),
        ):
            for place, person in enumerate(rng.choice(size, count, replace=False)):
                nconst = f"nm{start + near * 20 + int(person):07d}"
                relationships.append(
                    {"type": type_, "nconst": nconst, "tconst": movie["tconst"], "ordering": place + 1}
                )
        genres.append({"tconst": movie["tconst"], "name": f"Genre {near}"})
    ratings = [
        {
            "userId": str(user),
            "tconst": f"tt{movie + 1:07d}",
            "rating": float(rng.integers(1, 11)),
            "ratedAt": int(1_000_000 + rng.integers(1_000_000)),
        }
        for user in range(1, 11)
        for movie in rng.choice(MOVIES, 10, replace=False)
    ]
    movies += [{"tconst": tconst, "title": "Unknown"} for tconst in BARE]
    return {"movies": movies, "relationships": relationships, "genres": genres, "ratings": ratings}


def load(connection: Connection, **changed: list[dict[str, Any]]) -> None:
    """Replace the data of the database by the small graph."""
    connection.driver.execute_query(CLEAR)
    connection.driver.execute_query(LOAD, rows() | changed)


def vectors(connection: Connection, property_: str) -> dict[str, list[float]]:
    """Vectors by key."""
    found = connection.driver.execute_query(
        "MATCH (n:Movie|Person|Genre|User) WHERE n[$property] IS NOT NULL "
        "RETURN coalesce(n.tconst, n.nconst, n.userId, n.name) AS key, n[$property] AS vector",
        property=property_,
    )
    return {record["key"]: record["vector"] for record in found.records}
