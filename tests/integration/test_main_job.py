"""The main job on the command line, twice, on the synthetic data set and a real server."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from kgrec_gds.cli import main
from kgrec_gds.database.connection import Connection
from kgrec_gds.server import lifecycle
from kgrec_gds.synthetic import SyntheticDataSettings, generate

EVENTS = """
MATCH (u:User)-[p:PREDICTED_RATING]->(m:Movie)
OPTIONAL MATCH (u)-[r:RATED]->(m)
RETURN u.userId AS user, m.tconst AS movie, p.rank AS rank, p.score AS score, p.rating AS rating, p.attentionMovies AS movies,
  p.attentionWeights AS weights, r.ratedAt AS at, p.predictedAt AS predicted_at,
  [t IN p.attentionMovies | COLLECT { MATCH (u)-[x:RATED]->(:Movie {tconst: t}) RETURN x.ratedAt }[0]] AS attended_at,
  EXISTS { MATCH (u)-[x:RATED]->(:Movie) WHERE x.ratedAt < coalesce(r.ratedAt, p.predictedAt) } AS has_history
ORDER BY user, movie
"""
PROPERTIES = """
MATCH (u:User)-[p:PREDICTED_RATING]->(m:Movie)
RETURN u.userId AS user, m.tconst AS movie, p {.*, predictedAt: null} AS properties ORDER BY user, movie
"""

#: What else `predict` writes.
PUBLISHED = (
    "MATCH (run:ModelRun) RETURN run.id, run.metrics, run.rankingDigest, run.networkDigest, run.popularityAt, run.knownUntil",
    "MATCH (u:User) RETURN u.userId, u.ratingPasts ORDER BY u.userId",
    "MATCH (m:Movie) RETURN m.tconst, m.popularity, m.ratingCount, m.peopleNorm ORDER BY m.tconst",
    "MATCH (p:Person) RETURN p.nconst, p.idf ORDER BY p.nconst",
    "MATCH (a)-[l:LIKED_TOGETHER]->(b) RETURN a.tconst, b.tconst, l.weight ORDER BY a.tconst, b.tconst",
)


def predictions_of(graph: Connection) -> list[dict[str, Any]]:
    return [record.data() for record in graph.driver.execute_query(PROPERTIES).records]


def assert_equal_predictions(found: list[dict[str, Any]], expected: list[dict[str, Any]]) -> None:
    """All properties are equal, numbers of the network but for the rounding of other batches."""
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        ours, theirs = one["properties"], other["properties"]
        for name in ("rating", "attentionWeights"):
            assert ours.pop(name) == pytest.approx(theirs.pop(name), abs=1e-5)
        assert one == other


def run(*arguments: str) -> dict[str, Any]:
    result = CliRunner().invoke(main, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def results(own_home: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The JSON of each command on a new database."""
    folder = tmp_path_factory.mktemp("generated")
    generate(folder, SyntheticDataSettings(users=120, movies=200, ratings_per_user=30))
    imported = run("import", "--imdb", str(folder), "--csv-dir", str(own_home / "import"))
    embedded = run("embed")
    trained = run("train", "--epochs", "2")
    predicted = run("predict", "-k", "5")
    return {"folder": folder, "import": imported, "embed": embedded, "train": trained, "predict": predicted}


@pytest.fixture
def graph(results: dict[str, Any]) -> Iterator[Connection]:
    with Connection.open(lifecycle.ensure_running().address) as graph:
        yield graph


@pytest.fixture
def events(graph: Connection) -> list[dict[str, Any]]:
    return [record.data() for record in graph.driver.execute_query(EVENTS).records]


def test_the_graph_has_as_many_predictions_as_predict_reports(
    results: dict[str, Any], events: list[dict[str, Any]]
) -> None:
    assert len(events) == results["predict"]["predictions_written"]
    tests = [event for event in events if event["rank"] is None]
    assert len(tests) == results["predict"]["test_events"] == results["train"]["events"]["test"] > 0
    ranked = [event for event in events if event["rank"] is not None]
    assert len(ranked) == results["predict"]["recommendations_written"] == 5 * results["predict"]["users"] > 0
    assert all(event["at"] is None for event in ranked), "a recommended movie was rated"
    assert all(event["at"] is not None for event in tests)


def test_predicted_ratings_are_on_the_scale_and_ordered_by_rank(events: list[dict[str, Any]]) -> None:
    assert all(1 <= event["rating"] <= 10 for event in events)
    by_user: dict[str, list[tuple[int, float]]] = {}
    for event in events:
        if event["rank"] is not None:
            by_user.setdefault(event["user"], []).append((event["rank"], event["score"]))
    for ranked in by_user.values():
        assert [rank for rank, _ in sorted(ranked)] == [1, 2, 3, 4, 5]
        scores = [score for _, score in sorted(ranked)]
        assert scores == sorted(scores, reverse=True)


def test_attention_is_a_distribution_over_earlier_movies(events: list[dict[str, Any]]) -> None:
    for event in events:
        assert len(event["movies"]) == len(event["weights"])
        assert bool(event["movies"]) == event["has_history"]
        if event["movies"]:
            assert min(event["weights"]) >= 0
            assert sum(event["weights"]) == pytest.approx(1, abs=1e-4)
        time = event["at"] if event["at"] is not None else event["predicted_at"]
        assert all(at is not None and at < time for at in event["attended_at"])
        assert event["attended_at"] == sorted(event["attended_at"]), "the oldest movie is not first"
    longer = [event["weights"] for event in events if len(event["weights"]) > 3]
    assert np.mean([np.ptp(weights) > 1e-3 for weights in longer]) > 0.9, "attention weights are all alike"


def test_predicting_again_changes_nothing(results: dict[str, Any], graph: Connection) -> None:
    def edges() -> list[dict[str, Any]]:
        return [record.data() for record in graph.driver.execute_query(PROPERTIES).records]

    before = edges()
    again = run("predict", "-k", "5")
    assert edges() == before
    assert (again["stale_deleted"], again["others_deleted"]) == (0, 0)
    assert again["predictions_written"] == results["predict"]["predictions_written"]


def test_recommend_reads_the_graph_and_predicts_anew_after_a_rating(
    results: dict[str, Any], graph: Connection
) -> None:
    user = graph.one("serving/some_user")["user_id"]
    written = run("recommend", user, "-k", "5")
    assert written["source"] == "graph"
    live = run("recommend", user, "-k", "5", "--live")
    assert live["source"] == "procedure"
    assert [row["tconst"] for row in live["recommendations"]] == [
        row["tconst"] for row in written["recommendations"]
    ]
    for first, second in zip(live["recommendations"], written["recommendations"], strict=True):
        assert first["predicted_rating"] == pytest.approx(second["predicted_rating"], abs=1e-3)
        assert first["attention"][0]["tconst"] == second["attention"][0]["tconst"]
        assert sum(seen["weight"] for seen in first["attention"]) <= 1 + 1e-4
    favourite = written["recommendations"][0]["tconst"]
    run("rate", user, favourite, "9")
    after = run("recommend", user, "-k", "5")
    assert after["source"] == "procedure"
    assert favourite not in [row["tconst"] for row in after["recommendations"]]
    graph.driver.execute_query(
        "MATCH (:User {userId: $user})-[r:RATED]->(:Movie {tconst: $tconst}) DELETE r",
        user=user,
        tconst=favourite,
    )


def test_a_new_user_gets_recommendations_after_a_first_rating(
    results: dict[str, Any], graph: Connection
) -> None:
    movie = graph.driver.execute_query("MATCH (m:Movie) RETURN m.tconst AS tconst LIMIT 1").records[0][
        "tconst"
    ]
    run("rate", "somebody new", movie, "10")
    found = run("recommend", "somebody new", "-k", "3")
    assert found["source"] == "procedure"
    assert [seen["tconst"] for seen in found["recommendations"][0]["attention"]] == [movie]
    graph.driver.execute_query("MATCH (u:User {userId: 'somebody new'}) DETACH DELETE u")


def test_an_unknown_user_is_reported(results: dict[str, Any]) -> None:
    result = CliRunner().invoke(main, ["recommend", "nobody"])
    assert result.exit_code == 1
    assert "The graph has no user 'nobody'" in result.output
    assert "Traceback" not in result.output


def test_models_are_listed_promoted_and_removed_with_their_predictions(
    results: dict[str, Any], graph: Connection
) -> None:
    first = results["train"]["model_id"]
    second = run("train", "--epochs", "1", "--embeddings", "none")["model_id"]
    assert [model["model_id"] for model in run("models", "list")["models"]] == [second, first]
    run("predict", "--model", second, "-k", "5", "--users", "all", "--keep")
    assert run("recommend", "1", "-k", "5")["model_id"] == second  # which predicted last
    run("models", "promote", first)
    assert run("recommend", "1", "-k", "5")["model_id"] == first
    assert run("predict", "-k", "5")["model_id"] == first
    removed = run("models", "remove", second)
    assert (removed["predictions_deleted"], removed["record_deleted"], removed["folder_deleted"]) == (
        0,
        True,
        True,
    )
    compared = run("models", "compare", first)["models"]
    assert compared[0]["promoted"]
    assert compared[0]["predictions"] == results["predict"]["predictions_written"]


def test_spark_executors_predict_the_same(
    results: dict[str, Any],
    graph: Connection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    quick_spark: Callable[..., None],
) -> None:
    quick_spark(monkeypatch, tmp_path, executors=True)
    expected = predictions_of(graph)
    graph.driver.execute_query("MATCH (:User)-[p:PREDICTED_RATING]->() DELETE p")
    monkeypatch.delattr("kgrec_gds.workflows.predict.write_predictions")  # executors write
    again = run("predict", "-k", "5", "--engine", "spark")
    assert (again["stale_deleted"], again["others_deleted"]) == (0, 0)
    assert len(list((tmp_path / "work").glob("app-*/*"))) == 2, "the executors were no processes of their own"
    assert_equal_predictions(predictions_of(graph), expected)


def test_an_import_with_predictions_writes_what_predict_writes(
    results: dict[str, Any], graph: Connection, own_home: Path, tmp_path: Path
) -> None:
    predicted = predictions_of(graph)
    published = [graph.driver.execute_query(query).records for query in PUBLISHED]
    files = tmp_path / "predictions"
    made = run("predict", "-k", "5", "--csv-dir", str(files))
    with (files / "predicted_rating.csv").open("a") as file:
        file.write('"nobody","tt0000001"' + 14 * "," + "\n")
    described = json.loads((files / "predictions.json").read_text())
    described["predictions_written"] += 1
    (files / "predictions.json").write_text(json.dumps(described))
    imported = run(
        "import",
        "--imdb",
        str(results["folder"]),
        "--csv-dir",
        str(own_home / "import"),
        "--predictions",
        str(files),
    )
    assert imported["predictions_left_out"] == 1
    assert imported["relationships"]["PREDICTED_RATING"] == made["predictions_written"]
    with Connection.open(lifecycle.ensure_running().address) as new:
        assert [new.driver.execute_query(query).records for query in PUBLISHED] == published
        assert_equal_predictions(predictions_of(new), predicted)
