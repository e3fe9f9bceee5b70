"""The audit command on a graph."""

import json
from collections.abc import Iterator

import numpy as np
import pytest
from click.testing import CliRunner

from kgrec_gds.cli import main
from kgrec_gds.database.connection import Connection
from kgrec_gds.server.server_state import RunningServer

CREATE = """
UNWIND $rows AS row
MERGE (user:User {userId: 'audit-' + row.user})
MERGE (movie:Movie {tconst: 'tt-audit-' + row.movie})
ON CREATE SET movie.year = 1990 + row.movie, movie.averageRating = 5.0 + row.movie / 10.0, movie.numVotes = 10 * row.movie
MERGE (genre:Genre {name: 'audit-' + (row.movie % 3)})
MERGE (movie)-[:HAS_GENRE]->(genre)
CREATE (user)-[:RATED {rating: row.rating, ratedAt: row.at}]->(movie)
"""
REMOVE = """
MATCH (node)
WHERE node.tconst STARTS WITH 'tt-audit-' OR node.userId STARTS WITH 'audit-' OR node.name STARTS WITH 'audit-'
DETACH DELETE node
"""


@pytest.fixture
def rated_graph(
    graph: Connection,
    server: RunningServer,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Connection]:
    # A home without model runs: those of other tests belong to another graph.
    monkeypatch.setenv("KGREC_HOME", str(tmp_path_factory.mktemp("audit-home")))
    monkeypatch.setenv("NEO4J_URI", server.uri)
    monkeypatch.setenv("NEO4J_PASSWORD", server.address.password)
    generator = np.random.default_rng(0)
    pairs = [divmod(int(pair), 20) for pair in generator.permutation(12 * 20)[:160]]
    rows = [
        {
            "user": user,
            "movie": movie,
            "rating": int(generator.integers(1, 11)),
            "at": 1_000_000 + 500 * int(at),
        }
        for (user, movie), at in zip(pairs, generator.integers(0, 120, len(pairs)), strict=True)
    ]
    graph.driver.execute_query(CREATE, {"rows": rows}, database_=graph.database)
    yield graph
    graph.driver.execute_query(REMOVE, database_=graph.database)


def findings(*arguments: str) -> list[dict]:
    result = CliRunner().invoke(main, ["audit", "--json", *arguments])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)["features"]


def test_both_presets_and_the_default_model(rated_graph: Connection) -> None:
    default = findings()
    assert {row["verdict"] for row in default} == {"clean"}
    assert default[-1]["name"] == "prediction of attention_lstm"
    paper = {row["name"]: row["verdict"] for row in findings("--preset", "paper")}
    assert paper["user_movie_rating_diff"] == paper["movie_rating_ewma"] == "contains_target"
    assert paper["user_rating_count"] == "sees_future"
    assert paper["numVotes"] == "later_snapshot"


def test_features_of_your_own(rated_graph: Connection, tmp_path, monkeypatch) -> None:
    (tmp_path / "own_leak.py").write_text(
        "import pandas as pd\n\n\ndef make(dataset):\n    frame = pd.DataFrame(vars(dataset.ratings))\n"
        "    frame['mean'] = frame.groupby('user_index').rating.transform('mean')\n    return frame[['mean', 'rated_at']]\n"
    )
    monkeypatch.chdir(tmp_path)
    assert [row["verdict"] for row in findings("--features", "own_leak:make")] == ["contains_target", "clean"]
