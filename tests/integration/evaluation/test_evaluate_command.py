"""The evaluate command on a graph."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from kgrec_gds.cli import main
from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import InputError
from kgrec_gds.workflows.train import _refuse_vectors_past_validation, pull_to_evaluate

CREATE = """
UNWIND $rows AS row
MERGE (user:User {userId: 'evaluate-' + row.user})
MERGE (movie:Movie {tconst: 'tt-evaluate-' + row.movie})
ON CREATE SET movie.title = 'Movie ' + row.movie, movie.year = 1990 + row.movie
MERGE (genre:Genre {name: 'evaluate-' + (row.movie % 3)})
MERGE (movie)-[:HAS_GENRE]->(genre)
CREATE (user)-[:RATED {rating: row.rating, ratedAt: row.at}]->(movie)
"""
REMOVE = """
MATCH (node)
WHERE node.tconst STARTS WITH 'tt-evaluate-' OR node.userId STARTS WITH 'evaluate-' OR node.name STARTS WITH 'evaluate-'
DETACH DELETE node
"""


@pytest.fixture
def rated_graph(graph: Connection) -> Iterator[Connection]:
    """Every movie has its own rating that all users give, so biases must beat the mean."""
    generator = np.random.default_rng(0)
    pairs = [divmod(int(pair), 20) for pair in generator.permutation(15 * 20)[:240]]
    rows = [
        {"user": user, "movie": movie, "rating": 1 + movie % 10, "at": 1_000_000 + 500 * int(at)}
        for (user, movie), at in zip(pairs, generator.integers(0, 200, len(pairs)), strict=True)
    ]
    graph.driver.execute_query(CREATE, {"rows": rows}, database_=graph.database)
    yield graph
    graph.driver.execute_query(REMOVE, database_=graph.database)


def test_report_of_a_graph_and_its_resumption(rated_graph: Connection, tmp_path: Path) -> None:
    out = tmp_path / "report"
    arguments = ["evaluate", "--protocol", "global", "--seeds", "1", "--out", str(out), "--json"]
    models = ["--models", "global_mean,biases_static,biases_causal", "--ranking-users", "5"]
    result = CliRunner().invoke(main, [*arguments, *models])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    mse = {row["model"]: row["mse"] for row in told["models"]}
    assert mse["biases_static"] < 0.5 * mse["global_mean"]
    assert mse["biases_causal"] < 0.5 * mse["global_mean"]
    assert {"windows", "evaluate"} <= set(told["seconds"])
    metrics = json.loads(Path(told["metrics"]).read_text())["metrics"]
    overall = [row for row in metrics if row["segment"] == "all"]
    assert {row["n"] for row in overall} == {overall[0]["n"]}
    assert Path(told["report"]).read_text().count("data:image/png;base64,") >= 8

    cells = {path: path.stat().st_mtime_ns for path in (out / "cells").rglob("*.npz")}
    assert CliRunner().invoke(main, [*arguments, *models]).exit_code == 0
    assert {path: path.stat().st_mtime_ns for path in (out / "cells").rglob("*.npz")} == cells


def test_vectors_made_with_ratings_are_for_one_protocol_only(rated_graph: Connection, tmp_path: Path) -> None:
    run = CliRunner().invoke
    assert run(main, ["embed", "--method", "fastrp", "--with-ratings", "--dimension", "4"]).exit_code == 0
    evaluate = ["evaluate", "--models", "global_mean", "--out", str(tmp_path / "report")]
    try:
        for refused in (evaluate, ["train", "--protocol", "per-user"], ["tune", "--trials", "1"]):
            result = run(main, refused)
            assert result.exit_code == 1
            assert "made without ratings" in " ".join(result.output.split())
        assert pull_to_evaluate(rated_graph, None, ["global"]).methods() == ("fastrp",)
        log = pull_to_evaluate(rated_graph, None, ["global"])
        half = replace(log, ratings=log.ratings.take(np.arange(len(log.ratings) // 2)))
        with pytest.raises(InputError, match="none of the validation's"):
            _refuse_vectors_past_validation(rated_graph, half)  # as if all others had come before these
        # What is only there to compare by is left out where it knows too much.
        assert pull_to_evaluate(rated_graph, "none", ["per-user"]).methods() == ()
    finally:
        rated_graph.driver.execute_query("MATCH (run:EmbeddingRun) DETACH DELETE run")


def test_an_unknown_model_is_one_line(rated_graph: Connection, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["evaluate", "--models", "oracle", "--out", str(tmp_path / "report")])
    assert result.exit_code == 1
    assert "received 'oracle'" in result.output
    assert "Traceback" not in result.output
