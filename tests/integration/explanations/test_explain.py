import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from playwright.sync_api import sync_playwright

from kgrec_gds.cli import main
from kgrec_gds.database.connection import Connection
from kgrec_gds.explanations.explanation import Explanation
from kgrec_gds.serving.loaded_model import LoadedModel
from kgrec_gds.workflows.explain import explain
from kgrec_gds.workflows.predict import Predicted
from kgrec_gds.workflows.rate import rate
from kgrec_gds.workflows.score import score

BARE, FAR = "tt0009999", "tt0008888"  # see conftest
EDGES = """
MATCH (u:User)-[p:PREDICTED_RATING]->(m:Movie)
WITH u, p, m ORDER BY u.userId, m.tconst
WITH CASE WHEN p.rank IS NULL THEN 'event' ELSE 'recommendation' END AS kind,
  collect({user: u.userId, tconst: m.tconst, rating: p.rating, movies: p.attentionMovies, weights: p.attentionWeights}) AS found
RETURN kind, [i IN range(0, size(found) - 1, toInteger(ceil(size(found) / 10.0))) | found[i]] AS some
ORDER BY kind
"""
KEYS = {"Movie": "tconst", "Person": "nconst", "Genre": "name"}


def edges(graph: Connection) -> list[dict[str, Any]]:
    """Ten test events and ten recommendations."""
    records = graph.driver.execute_query(EDGES).records
    assert {record["kind"] for record in records} == {"event", "recommendation"}
    return [edge for record in records for edge in record["some"]]


def exists(graph: Connection, path: dict[str, Any]) -> bool:
    """Whether a path of `--json` stands in the graph, every node and every step of it."""
    steps = zip(path["nodes"][:-1], path["relationships"], path["nodes"][1:], strict=True)
    for start, kind, end in steps:
        query = f"MATCH (a:{start['label']})-[:{kind}]-(b:{end['label']}) WHERE a[$i] = $a AND b[$j] = $b RETURN count(*) AS n"
        keys = {"i": KEYS[start["label"]], "a": start["key"], "j": KEYS[end["label"]], "b": end["key"]}
        if not graph.driver.execute_query(query, keys).records[0]["n"]:
            return False
    return True


@pytest.fixture(scope="module")
def explained(small: Connection, loaded: LoadedModel) -> list[tuple[dict[str, Any], Explanation]]:
    """Twenty written predictions with their explanations."""
    return [(edge, explain(small, edge["user"], edge["tconst"], loaded=loaded)) for edge in edges(small)]


def test_written_predictions_are_explained_with_paths_that_exist(
    small: Connection, explained: list[tuple[dict[str, Any], Explanation]]
) -> None:
    assert len(explained) >= 20
    for edge, found in explained:
        plain = asdict(found)
        assert found.source == "graph"
        assert plain["rating"] == pytest.approx(edge["rating"])
        assert [step["tconst"] for step in plain["attention"]] == edge["movies"]
        assert [step["weight"] for step in plain["attention"]] == pytest.approx(edge["weights"])
        assert all(1 <= step["rating"] <= 10 for step in plain["attention"])
        assert plain["paths"] or plain["note"]
        assert plain["contributions"]["averages"] != 0
        for path in plain["paths"]:
            assert path["nodes"][0]["key"] in edge["movies"]
            assert path["nodes"][-1] == {"label": "Movie", "key": edge["tconst"], "name": found.title}
            assert exists(small, path), path
    assert sum(bool(found.paths) for _, found in explained) >= len(explained) / 2


def test_what_was_written_is_what_the_model_predicts_at_that_time(
    small: Connection, loaded: LoadedModel, explained: list[tuple[dict[str, Any], Explanation]]
) -> None:
    for edge, found in (explained[0], explained[-1]):
        again = score(small, [(edge["user"], edge["tconst"])], loaded=loaded).pairs[0]
        assert found.rating == pytest.approx(again.predicted_rating, abs=1e-3)
        assert again.attention_movies == edge["movies"]
        assert again.attention_weights == pytest.approx(edge["weights"], abs=1e-3)


def test_the_rarest_thing_shared_comes_first(
    small: Connection, explained: list[tuple[dict[str, Any], Explanation]]
) -> None:
    rows, _, _ = small.driver.execute_query(
        "MATCH (n:Person|Genre) RETURN coalesce(n.nconst, n.name) AS key, COUNT { MATCH (n)--(m:Movie) RETURN DISTINCT m } AS movies"
    )
    movies = {row["key"]: row["movies"] for row in rows}
    for _, found in explained:
        weights = {step.tconst: step.weight for step in found.attention}
        scores = [path.score for path in found.paths]
        assert scores == sorted(scores, reverse=True)
        by_past: dict[str, list[int]] = {}
        for path in found.paths:
            assert path.score <= weights[path.nodes[0].key] * 5  # log of 63 movies is 4.1
            if len(path.nodes) == 3:
                by_past.setdefault(path.nodes[0].key, []).append(movies[path.nodes[1].key])
        for counts in by_past.values():
            # A genre of a dozen movies says less than a person of a few.
            assert counts == sorted(counts)


def test_a_pair_without_a_prediction_is_predicted_now(small: Connection, loaded: LoadedModel) -> None:
    found = explain(small, "3", FAR, loaded=loaded)
    assert found.source == "model"
    assert 1 <= found.rating <= 10
    assert sum(step.weight for step in found.attention) == pytest.approx(1, abs=1e-4)
    # Nothing is shared: the path leads over the director's other film.
    assert found.paths
    assert all(len(path.nodes) == 5 for path in found.paths)
    assert all("nm900" in {node.key for node in path.nodes} for path in found.paths)
    assert all(exists(small, path) for path in asdict(found)["paths"])


def test_a_movie_without_people_and_genres_has_a_note_instead_of_paths(
    small: Connection, loaded: LoadedModel
) -> None:
    found = explain(small, "3", BARE, loaded=loaded)
    assert found.attention
    assert found.paths == []
    assert found.note is not None
    assert "share no person and no genre" in found.note


def test_a_movie_that_was_rated_again_since_shows_no_rating(
    small: Connection, loaded: LoadedModel, explained: list[tuple[dict[str, Any], Explanation]]
) -> None:
    edge = next(edge for edge, found in explained if found.given is not None and len(found.attention) > 1)
    again = """
    MATCH (:User {userId: $user})-[rated:RATED]->(:Movie {tconst: $tconst})
    WITH rated, rated.ratedAt AS before SET rated.ratedAt = $at RETURN before
    """

    def rerate(tconst: str, at: int) -> int:
        found = small.driver.execute_query(again, user=edge["user"], tconst=tconst, at=at)
        return found.records[0]["before"]

    attended = edge["movies"][0]
    before = rerate(attended, 4_000_000_000)
    try:
        step = explain(small, edge["user"], edge["tconst"], loaded=loaded).attention[0]
        assert (step.tconst, step.rating, step.rated_at) == (attended, None, None)
        assert step.title is not None
    finally:
        rerate(attended, before)
    before = rerate(edge["tconst"], 4_000_000_000)
    try:
        assert explain(small, edge["user"], edge["tconst"], loaded=loaded).source == "model"
    finally:
        rerate(edge["tconst"], before)


def test_a_first_rating_is_explained_without_history(small: Connection, loaded: LoadedModel) -> None:
    first = small.driver.execute_query(
        "MATCH (u:User {userId: '5'})-[r:RATED]->(m) RETURN m.tconst AS tconst, r.rating AS rating ORDER BY r.ratedAt LIMIT 1"
    ).records[0]
    found = explain(small, "5", first["tconst"], loaded=loaded)
    assert found.given == first["rating"]
    assert found.attention == found.paths == []
    assert found.note is not None
    assert "no earlier rating" in found.note
    assert found.contributions is not None
    assert found.contributions.history == pytest.approx(0, abs=1e-5)


def test_a_model_without_attention_is_explained_by_paths_from_the_latest_ratings(
    small: Connection, trees: str
) -> None:
    found = explain(small, "3", "tt0000001", model_id=trees)
    assert found.source == "model"
    assert found.attention == []
    assert found.note is not None
    assert "has no attention" in found.note
    assert found.contributions is not None
    assert found.contributions.attended is None
    assert found.paths
    history = {row["tconst"] for row in small.run("explanations/history", userId="3", until=None)}
    assert {path.nodes[0].key for path in found.paths} <= history
    assert all(exists(small, path) for path in asdict(found)["paths"])


def run(*arguments: str) -> Any:
    return CliRunner().invoke(main, ["explain", *arguments])


def test_the_command_prints_json_and_writes_page_and_heatmap(
    small: Connection, predicted: Predicted, tmp_path: Path
) -> None:
    edge = edges(small)[-1]
    page, heat = tmp_path / "why.html", tmp_path / "heat.png"
    done = run(
        edge["user"],
        edge["tconst"],
        "--json",
        "--contributions",
        "--html",
        str(page),
        "--heatmap",
        str(heat),
        "--beside",
        "2",
    )
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert {"user", "movie", "rating", "attention", "paths", "contributions", "note"} <= set(found)
    assert set(found["contributions"]) == {"averages", "history", "attended", "graph"}
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert heat.read_bytes().startswith(b"\x89PNG")


def test_the_graph_alone_answers_without_a_model(small: Connection, predicted: Predicted) -> None:
    edge = edges(small)[0]
    done = run(edge["user"], edge["tconst"], "--json", "--graph-only")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["contributions"] is None
    refused = run("3", FAR, "--graph-only")
    assert refused.exit_code == 1
    assert "Leave out --graph-only" in refused.stderr


@pytest.mark.parametrize(
    ("user", "tconst", "message"),
    [("nobody", FAR, "no user 'nobody'"), ("3", "tt404", "no movie 'tt404'")],
)
def test_unknown_ids_are_named(small: Connection, user: str, tconst: str, message: str) -> None:
    done = run(user, tconst)
    assert done.exit_code == 1
    assert message in done.stderr


@pytest.mark.browser
def test_the_page_draws_its_graph_and_requests_nothing(
    small: Connection, predicted: Predicted, tmp_path: Path
) -> None:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    edge = edges(small)[0]
    page = tmp_path / "why.html"
    assert run(edge["user"], edge["tconst"], "--graph-only", "--html", str(page)).exit_code == 0
    requested: list[str] = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        view = chromium.new_page()
        view.on("request", lambda request: requested.append(request.url))
        view.goto(page.as_uri())
        view.frame_locator("iframe").locator("canvas").first.wait_for()
        assert view.locator(".step").count() == len(edge["movies"])
        chromium.close()
    assert requested == [page.as_uri()]


def test_a_newer_rating_makes_a_recommendation_out_of_date(small: Connection, loaded: LoadedModel) -> None:
    edge = edges(small)[-1]
    assert explain(small, edge["user"], edge["tconst"], loaded=loaded).source == "graph"
    rate(small, edge["user"], FAR, 9)
    again = explain(small, edge["user"], edge["tconst"], loaded=loaded)
    assert again.source == "model"
    assert again.attention[-1].tconst == FAR
