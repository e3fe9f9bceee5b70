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
from kgrec_gds.models.delays import HORIZONS
from kgrec_gds.workflows.train import _refuse_vectors_past_validation, dataset_to_evaluate

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
    """All users give a movie the same rating, so baseline estimates must beat the mean."""
    generator = np.random.default_rng(0)
    pairs = [divmod(int(pair), 20) for pair in generator.permutation(15 * 20)[:240]]
    rows = [
        {"user": user, "movie": movie, "rating": 1 + movie % 10, "at": 1_000_000 + 500 * int(at)}
        for (user, movie), at in zip(pairs, generator.integers(0, 200, len(pairs)), strict=True)
    ]
    graph.driver.execute_query(CREATE, {"rows": rows}, database_=graph.database)
    yield graph
    graph.driver.execute_query(REMOVE, database_=graph.database)


def test_an_evaluation_writes_a_report_and_resumes(rated_graph: Connection, tmp_path: Path) -> None:
    out = tmp_path / "report"
    arguments = ["evaluate", "--protocol", "global", "--seeds", "1", "--out", str(out), "--json"]
    models = ["--models", "global_mean,baseline_static,baseline_causal", "--ranking-users", "5"]
    result = CliRunner().invoke(main, [*arguments, *models])
    assert result.exit_code == 0, result.output
    printed = json.loads(result.stdout)
    for horizon in HORIZONS:
        mse = {row["model"]: row[horizon]["mse"] for row in printed["models"]}
        assert mse["baseline_static"] < 0.5 * mse["global_mean"]
    mse = {row["model"]: row["at_once"]["mse"] for row in printed["models"]}
    assert mse["baseline_causal"] < 0.5 * mse["global_mean"]
    assert {"pull", "evaluate", "report"} <= set(printed["seconds"])
    metrics = json.loads(Path(printed["metrics"]).read_text())["metrics"]
    overall = [row for row in metrics if row["segment"] == "all"]
    assert {row["n"] for row in overall} == {overall[0]["n"]}
    assert Path(printed["report"]).read_text().count("data:image/png;base64,") >= 8

    cells = {path: path.stat().st_mtime_ns for path in (out / "cells").rglob("*.npz")}
    assert CliRunner().invoke(main, [*arguments, *models]).exit_code == 0
    assert {path: path.stat().st_mtime_ns for path in (out / "cells").rglob("*.npz")} == cells


def test_vectors_made_with_ratings_are_for_protocol_global_only(
    rated_graph: Connection, tmp_path: Path
) -> None:
    run = CliRunner().invoke
    assert run(main, ["embed", "--method", "fastrp", "--with-ratings", "--dimension", "4"]).exit_code == 0
    evaluate = ["evaluate", "--models", "global_mean", "--out", str(tmp_path / "report")]
    try:
        for refused in (evaluate, ["train", "--protocol", "per-user"], ["tune", "--trials", "1"]):
            result = run(main, refused)
            assert result.exit_code == 1
            assert "vectors were made with ratings" in " ".join(result.output.split())
        assert dataset_to_evaluate(rated_graph, None, ["global"]).methods() == ("fastrp",)
        log = dataset_to_evaluate(rated_graph, None, ["global"])
        half = replace(log, ratings=log.ratings.take(np.arange(len(log.ratings) // 2)))
        with pytest.raises(InputError, match="but validation begins at"):
            _refuse_vectors_past_validation(rated_graph, half)  # as if the later half were absent
        # Vectors that are there only for comparison are left out where they know too much.
        assert dataset_to_evaluate(rated_graph, "none", ["per-user"]).methods() == ()
    finally:
        rated_graph.driver.execute_query("MATCH (run:EmbeddingRun) DETACH DELETE run")


def test_an_unknown_model_is_refused_in_one_line(rated_graph: Connection, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["evaluate", "--models", "oracle", "--out", str(tmp_path / "report")])
    assert result.exit_code == 1
    assert "Unknown model 'oracle'" in result.output
    assert "Traceback" not in result.output
