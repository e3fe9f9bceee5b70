"""A small graph with made-up vectors and a trained attention-LSTM, published; and how to ask the procedures."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import neo4j
import numpy as np

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.pull import pull, with_history
from kgrec_gds.data.query import Queries
from kgrec_gds.data.splits import split
from kgrec_gds.database.connection import Connection
from kgrec_gds.models.attention_lstm.model import AttentionLstm
from kgrec_gds.models.delays import DAY
from kgrec_gds.serving.publish import publish

RUN = "published-run"
MOVIES, USERS = 60, 20
SMALL = {
    "epochs": 1,
    "block": 16,
    "burn_in": 8,
    "attention_steps": 8,
    "lstm_units": 16,
    "hidden": (16, 8),
    "learning_rate": 0.01,
}
CLEAR = "MATCH (n:Movie|Person|Genre|User|ModelRun|ModelRunPart) DETACH DELETE n"
LOAD = """
UNWIND $movies AS row
CREATE (m:Movie {tconst: row.tconst, title: row.tconst, year: row.year, fastRP: row.vector})
WITH row, m
UNWIND row.links AS link
CALL (m, link) {
  WITH link WHERE link.type = 'HAS_GENRE'
  MERGE (g:Genre {name: link.key}) ON CREATE SET g.fastRP = link.vector
  CREATE (m)-[:HAS_GENRE]->(g)
}
CALL (m, link) {
  WITH link WHERE link.type <> 'HAS_GENRE'
  MERGE (p:Person {nconst: link.key}) ON CREATE SET p.fastRP = link.vector
  CREATE (p)-[r:$(link.type)]->(m)
}
"""
RATE = """
UNWIND $ratings AS row
MATCH (m:Movie {tconst: row.tconst})
MERGE (u:User {userId: row.userId})
MERGE (u)-[r:RATED]->(m)
SET r.rating = row.rating, r.ratedAt = row.ratedAt
"""
HISTORY = """
MATCH (user:User {userId: $userId})
OPTIONAL MATCH (user)-[rated:RATED]->(movie:Movie)
RETURN user.userId AS user_id, collect(movie.tconst) AS tconst, collect(rated.rating) AS rating,
  collect(rated.ratedAt) AS rated_at
"""
PREDICT = """
MATCH (m:Movie) WHERE m.tconst IN $tconsts
WITH collect(m) AS movies
CALL kgrec.predict($userId, movies, $configuration) YIELD movie, rating, attentionMovies, attentionWeights
RETURN movie.tconst AS tconst, rating, attentionMovies, attentionWeights
"""

Answers = dict[str, dict[str, Any]]


@dataclass
class PublishedGraph:
    """The graph, its data set as published, and the model."""

    connection: Connection
    dataset: Dataset
    model: AttentionLstm

    @property
    def driver(self) -> neo4j.Driver:
        return self.connection.driver

    def rows(self, text: str, **parameters: Any) -> list[dict[str, Any]]:
        return [row.data() for row in self.driver.execute_query(text, parameters).records]

    def predict(self, user: str, tconsts: Iterable[str], asker: Any = None, **configuration: Any) -> Answers:
        """The procedure's answers by tconst; `asker` is a transaction, by default one of its own."""
        given = {"userId": user, "tconsts": list(tconsts), "configuration": configuration}
        rows = [row.data() for row in asker.run(PREDICT, given)] if asker else self.rows(PREDICT, **given)
        return {row["tconst"]: row for row in rows}

    def worst(self, user: str, asker: Any = None) -> float:
        """The largest difference from Python, over the movies that a user has not rated; attention too."""
        rows = (
            [row.data() for row in asker.run(HISTORY, userId=user)]
            if asker
            else self.rows(HISTORY, userId=user)
        )
        dataset = with_history(self.dataset, rows[0])
        assert dataset is not None
        index = int(np.flatnonzero(dataset.user_ids == user)[0])
        rated = dataset.ratings.movie_index[dataset.ratings.user_index == index]
        movies = np.setdiff1d(np.arange(1, len(dataset.movies)), rated).astype(np.int32)
        queries = Queries.at_time(np.full(len(movies), index, np.int32), movies, dataset.now, DAY)
        expected, attention = self.model.predict_with_attention(dataset, queries)
        assert attention is not None
        tconsts = dataset.movies.tconst
        found = self.predict(user, tconsts[movies], asker)
        worst = 0.0
        for row, tconst in enumerate(tconsts[movies]):
            there, answer = attention.movie_index[row] > 0, found[tconst]
            assert answer["attentionMovies"] == list(tconsts[attention.movie_index[row][there]])
            weights = attention.weights[row][there] - np.array(answer["attentionWeights"])
            worst = max(worst, abs(answer["rating"] - expected[row]), np.abs(weights).max(initial=0))
        return worst

    def publish_bytes(
        self, model_id: str, content: bytes, digest: str | None = None, model: str = "attention_lstm"
    ) -> None:
        """Store any bytes as the network of a run."""
        self.rows(
            "MERGE (run:ModelRun {id: $id}) "
            "SET run.model = $model, run.networkDigest = $digest, run.networkBytes = $size, run.created = datetime() "
            "CREATE (run)-[:HAS_PART]->(:ModelRunPart {digest: $digest, number: 0, bytes: $content})",
            id=model_id,
            model=model,
            digest=digest or hashlib.sha256(content).hexdigest(),
            size=len(content),
            content=content,
        )


def make(connection: Connection) -> PublishedGraph:
    """Write the graph, train on it, and publish."""
    rng = np.random.default_rng(0)

    def vector() -> list[float]:
        return rng.normal(size=8).tolist()

    def links(movie: int) -> list[dict[str, Any]]:
        chosen = [("DIRECTED", f"nm{rng.integers(8)}"), ("HAS_GENRE", f"genre {rng.integers(5)}")]
        chosen += [("ACTED_IN", f"nm{20 + each}") for each in rng.choice(15, 3, replace=False)]
        chosen += [("WROTE", f"nm{rng.integers(8)}")] if movie % 3 == 0 else []
        return [{"type": kind, "key": key, "vector": vector()} for kind, key in chosen]

    movies = [
        {
            "tconst": f"tt{number:07d}",
            "year": None if number % 10 == 0 else int(rng.integers(1960, 2020)),
            "vector": vector() if number % 7 else None,
            "links": links(number),
        }
        for number in range(MOVIES)
    ]
    ratings = [
        {
            "userId": f"u{user}",
            "tconst": f"tt{movie:07d}",
            "rating": float(rng.integers(1, 11)),
            # hours, some of them twice: ties
            "ratedAt": 1_000_000_000 + 3600 * int(rng.integers(0, 400)),
        }
        for user in range(USERS)
        for movie in rng.choice(MOVIES, int(rng.integers(1, 45)), replace=False)
    ]
    connection.driver.execute_query(CLEAR)
    connection.driver.execute_query(LOAD, movies=movies)
    connection.driver.execute_query(RATE, ratings=ratings)
    connection.driver.execute_query(
        "CREATE (:ModelRun {id: $id, model: 'attention_lstm', created: datetime()})", id=RUN
    )
    dataset = pull(connection, "fastrp")
    model = AttentionLstm(**SMALL).fit(dataset, split(dataset.ratings, "global"), 0)
    publish(connection, RUN, model, dataset)
    return PublishedGraph(connection, dataset, model)
