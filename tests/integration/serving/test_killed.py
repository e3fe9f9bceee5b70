"""A write killed half-way by `kill -9` and run again ends as one whole write."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kgrec_gds.database.connection import Connection
from kgrec_gds.server.server_state import RunningServer

USERS, MOVIES, PER_USER = 120, 40, 6
#: Writes with a transaction for each user, so that there is a half-way.
PROGRAM = f"""
import sys
import numpy as np
from kgrec_gds.database.connection import Address, Connection
from kgrec_gds.serving.predictions import Predictions
from kgrec_gds.serving.write_predictions import write_predictions

generator = np.random.default_rng(0)
rows = [(u, m) for u in range({USERS}) for m in generator.choice({MOVIES}, {PER_USER}, replace=False)]
movies = [f"tt-killed-{{m}}" for _, m in rows]
weights = generator.dirichlet(np.ones(3), len(rows)).astype(np.float32)
attended = np.array([[movies[(i + j) % len(rows)] for j in range(3)] for i in range(len(rows))], object)
predictions = Predictions(
    user_ids=np.array([f"killed-{{u}}" for u, _ in rows], object),
    tconsts=np.array(movies, object),
    rating=generator.uniform(1, 10, len(rows)).astype(np.float32),
    rank=np.tile(np.arange({PER_USER}, dtype=np.int32), {USERS}),
    score=np.full(len(rows), np.nan),
    parts=np.full(len(rows), None, object),
    attention_movies=attended,
    attention_weights=weights,
)
uri, user, password, predicted_at = sys.argv[1:]
with Connection.open(Address(uri, user, password)) as graph:
    write_predictions(graph, [predictions], "killed", predicted_at=int(predicted_at), batch_size=1)
"""
EDGES = (
    "MATCH (u:User)-[p:PREDICTED_RATING {modelId: 'killed'}]->(m:Movie) "
    "RETURN u.userId AS user, m.tconst AS movie, p {.*, predictedAt: null} AS properties ORDER BY user, movie"
)


@pytest.fixture
def program(tmp_path: Path, graph: Connection, server: RunningServer) -> Iterator[list[str]]:
    """The command that writes, without the time."""
    graph.driver.execute_query(
        "UNWIND range(0, $movies - 1) AS i CREATE (:Movie {tconst: 'tt-killed-' + i}) "
        "WITH count(*) AS c UNWIND range(0, $users - 1) AS i CREATE (:User {userId: 'killed-' + i})",
        users=USERS,
        movies=MOVIES,
    )
    path = tmp_path / "program.py"
    path.write_text(PROGRAM, encoding="utf-8")
    address = server.address
    yield [sys.executable, str(path), address.uri, address.username, address.password]
    graph.driver.execute_query(
        "MATCH (n) WHERE n.userId STARTS WITH 'killed-' OR n.tconst STARTS WITH 'tt-killed-' DETACH DELETE n"
    )


def edges(graph: Connection) -> str:
    return json.dumps([record.data() for record in graph.driver.execute_query(EDGES).records], sort_keys=True)


def count(graph: Connection) -> int:
    return graph.one("serving/count_predictions", modelId="killed")["predictions"]


def test_a_killed_write_run_again_ends_as_one_whole(graph: Connection, program: list[str]) -> None:
    subprocess.run([*program, "100"], check=True)
    whole = edges(graph)
    graph.run_alone("serving/delete_model", modelId="killed")
    process = subprocess.Popen([*program, "200"])
    deadline = time.monotonic() + 60
    while count(graph) < USERS * PER_USER // 4 and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert 0 < count(graph) < USERS * PER_USER
    assert count(graph) % PER_USER == 0, "a user is half written"
    subprocess.run([*program, "300"], check=True)
    assert edges(graph) == whole
    assert count(graph) == USERS * PER_USER
