"""A small graph in the real server, a model trained on it, and its predictions written."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from kgrec_gds.data.pull import pull
from kgrec_gds.database.connection import Connection
from kgrec_gds.models.run_folder import RunFolder
from kgrec_gds.models.training import RunSettings, train_run
from kgrec_gds.server.server_state import RunningServer
from kgrec_gds.serving.loaded_model import LoadedModel
from kgrec_gds.serving.model_runs import record_run
from kgrec_gds.workflows.models import remove
from kgrec_gds.workflows.predict import Predicted, predict

MOVIES, USERS = 60, 25
#: A movie without people and genres.
BARE = "tt0009999"
#: Shares no person and no genre with any rated movie, but its director wrote an unrated film whose genre others have.
FAR = "tt0008888"
CLEAR = "MATCH (n:Movie|Person|Genre|User|ModelRun) DETACH DELETE n"
LOAD = """
UNWIND $movies AS row
CREATE (m:Movie {tconst: row.tconst, title: row.title, year: row.year})
WITH row, m
UNWIND row.links AS link
CALL (m, link) {
  WITH link WHERE link.type = 'HAS_GENRE'
  MERGE (g:Genre {name: link.key})
  CREATE (m)-[:HAS_GENRE]->(g)
}
CALL (m, link) {
  WITH link WHERE link.type <> 'HAS_GENRE'
  MERGE (p:Person {nconst: link.key}) SET p.name = 'Name of ' + link.key
  CREATE (p)-[r:$(link.type)]->(m)
}
"""
RATE = """
UNWIND $ratings AS row
MATCH (m:Movie {tconst: row.tconst})
MERGE (u:User {userId: row.userId})
CREATE (u)-[:RATED {rating: row.rating, ratedAt: row.ratedAt}]->(m)
"""


def _movies(rng: np.random.Generator) -> list[dict[str, Any]]:
    movies = []
    for number in range(MOVIES):
        links = [("DIRECTED", f"nm{rng.integers(12)}"), ("HAS_GENRE", f"genre {rng.integers(5)}")]
        links += [("ACTED_IN", f"nm{20 + person}") for person in rng.choice(30, 3, replace=False)]
        if number % 4 == 0:
            links.append(("WROTE", links[0][1]))
        movies.append((f"tt{number:07d}", links))
    movies.append((BARE, []))
    movies.append((FAR, [("DIRECTED", "nm900"), ("HAS_GENRE", "a genre of its own")]))
    movies.append(("tt0008889", [("WROTE", "nm900"), ("HAS_GENRE", "genre 1")]))
    return [
        {
            "tconst": tconst,
            "title": f"Film {tconst}",
            "year": 1990,
            "links": [{"type": kind, "key": key} for kind, key in links],
        }
        for tconst, links in movies
    ]


def _ratings(rng: np.random.Generator) -> list[dict[str, Any]]:
    rows = []
    for user in range(1, USERS + 1):
        liked = rng.normal(size=MOVIES)
        for place, movie in enumerate(rng.choice(MOVIES, 8 + user, replace=False)):
            rows.append(
                {
                    "userId": str(user),
                    "tconst": f"tt{movie:07d}",
                    "rating": float(np.clip(round(6.5 + 2 * liked[movie]), 1, 10)),
                    "ratedAt": 1_000_000_000 + 1_000 * user + 100_000 * place,
                }
            )
    return rows


@pytest.fixture(scope="module")
def small(server: RunningServer, home: Any) -> Iterator[Connection]:
    """The small graph; one connection for the module."""
    rng = np.random.default_rng(3)
    with Connection.open(server.address) as graph:
        graph.driver.execute_query(CLEAR)
        graph.driver.execute_query(LOAD, movies=_movies(rng))
        graph.driver.execute_query(RATE, ratings=_ratings(rng))
        yield graph
        graph.driver.execute_query(CLEAR)


@pytest.fixture(scope="module")
def predicted(small: Connection) -> Predicted:
    """The model's predictions in the graph: test ratings, and ten movies for every user."""
    train(
        small,
        "attention_lstm",
        epochs=2,
        block=16,
        burn_in=8,
        attention_steps=16,
        lstm_units=16,
        hidden=(16, 8),
    )
    return predict(small, users="all")


def train(connection: Connection, model: str, **hyperparameters: Any) -> RunFolder:
    """A small model run, recorded in the graph."""
    settings = RunSettings(model=model, hyperparameters=hyperparameters)
    run = RunFolder.open(train_run(pull(connection), settings).model_id)
    record_run(connection, run)
    return run


@pytest.fixture(scope="module")
def loaded(small: Connection, predicted: Predicted) -> LoadedModel:
    return LoadedModel.load(small)


@pytest.fixture(scope="module")
def trees(small: Connection, predicted: Predicted) -> Iterator[str]:
    """Id of a second model run, without attention."""
    run = train(small, "trees_graph", most_trees=12, least_in_leaf=5)
    yield run.model_id
    if run.path.exists():
        remove(small, run.model_id)
