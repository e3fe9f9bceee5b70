"""The ready queries in the real Neo4j Browser, in a real Chromium, on the real server."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kgrec_gds.cli import main
from kgrec_gds.database import queries
from kgrec_gds.database.connection import Connection
from kgrec_gds.server.server_state import RunningServer

pytestmark = pytest.mark.browser

FILMS = ("Stalker", "Solaris", "Mirror", "Ran", "Ikiru", "Nobody rated this")
LOAD = """
UNWIND range(0, size($films) - 1) AS i
CREATE (m:Movie {tconst: 'tt' + i, title: $films[i], year: 1970 + i})
WITH collect(m) AS movies
CREATE (tarkovsky:Person:Director {nconst: 'nm1', name: 'Andrei Tarkovsky'})
CREATE (kurosawa:Person:Director {nconst: 'nm2', name: 'Akira Kurosawa'})
CREATE (drama:Genre {name: 'Drama'})
FOREACH (m IN movies[0..3] | CREATE (tarkovsky)-[:DIRECTED]->(m))
FOREACH (m IN movies[3..] | CREATE (kurosawa)-[:DIRECTED]->(m))
FOREACH (m IN movies | CREATE (m)-[:HAS_GENRE]->(drama))
CREATE (one:User {userId: '1'}), (two:User {userId: '2'})
FOREACH (i IN [0, 1] | FOREACH (m IN [movies[i]] | CREATE (one)-[:RATED {rating: 8.0 + i, ratedAt: 100 + i}]->(m)))
FOREACH (i IN [2, 3, 4] | FOREACH (m IN [movies[i]] | CREATE (two)-[:RATED {rating: 5.0 + i, ratedAt: 100 + i}]->(m)))
WITH one, two, movies
UNWIND [[one, 2, 9.25, 1], [one, 5, 7.5, 2], [two, 0, 8.125, 1], [two, 5, 6.5, 2], [two, 4, 7.0, null]] AS p
WITH p[0] AS user, movies[p[1]] AS movie, p
CREATE (user)-[:PREDICTED_RATING {
  rating: p[2], rank: p[3], modelId: 'a-model', predictedAt: 200,
  attentionMovies: CASE user.userId WHEN '1' THEN ['tt0', 'tt1'] ELSE ['tt2', 'tt3'] END, attentionWeights: [0.25, 0.75]
}]->(movie)
"""
RANKING = """
MATCH (m:Movie) SET m.popularity = 1.0, m.ratingCount = 1, m.peopleNorm = 0.7
WITH collect(m) AS movies
UNWIND movies AS a UNWIND movies AS b
WITH a, b WHERE a.tconst < b.tconst
CREATE (a)-[:LIKED_TOGETHER {weight: b.year / 1000.0}]->(b)
WITH count(*) AS _
MATCH (p:Person) SET p.idf = 0.7
WITH count(*) AS _
MATCH (tarkovsky:Director {nconst: 'nm1'})
CREATE (tarkovsky)-[:DIRECTED]->(:Movie {tconst: 'tt9', title: 'Never rated', peopleNorm: 0.7})
CREATE (:ModelRun {id: 'a-model', rankingLikedTogether: 1.0, rankingPeople: 1.0, rankingPopularity: 1.0,
  rankingDigest: 'a-model'})
"""
CLEAR = "MATCH (n:Movie|Person|Genre|User|ModelRun) DETACH DELETE n"


@pytest.fixture(scope="module", autouse=True)
def films(server: RunningServer) -> Iterator[None]:
    """A graph small enough to know by heart."""
    with Connection.open(server.address) as graph:
        graph.driver.execute_query(CLEAR)
        graph.driver.execute_query(LOAD, films=list(FILMS))
        graph.driver.execute_query(RANKING)
        yield
        graph.driver.execute_query(CLEAR)


def command(*options: str) -> dict[str, Any]:
    done = CliRunner().invoke(main, ["browser", "--no-open", "--json", *options])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def connected(browser: Any, server: RunningServer, films: None) -> Any:
    """The page that `kgrec-gds browser --query 01` names, connected with the password, styled."""
    found = command("--query", "01")
    assert found["address"].startswith(f"{server.http}/browser/")
    assert found["opened"] is False
    browser.connect(found["address"], Path(found["password_file"]).read_text().strip())
    browser.drop(Path(found["style"]))
    return browser


def text_of(name: str) -> str:
    return queries.load(f"browser/{name}").text


@pytest.mark.parametrize(
    "name", ["01_recommended_to_a_user", "03_where_attention_goes", "06_a_director_s_viewers_next"]
)
def test_a_ready_query_shows_in_the_browser_what_the_driver_gets(
    connected: Any, graph: Connection, name: str
) -> None:
    connected.run(text_of(name))
    shown = connected.table()
    assert shown == graph.run(f"browser/{name}")
    assert shown


def test_the_recommendations_are_the_ones_that_stand_in_the_graph(connected: Any) -> None:
    connected.run(text_of("01_recommended_to_a_user"))
    assert [(row["rank"], row["title"], row["predictedRating"]) for row in connected.table()] == [
        (1, "Mirror", 9.25),
        (2, "Nobody rated this", 7.5),
    ]


def test_why_a_movie_is_recommended_is_drawn_with_its_people_and_predictions(connected: Any) -> None:
    connected.run(text_of("02_why_recommended"))
    # A long caption is cut; its first word is not.
    first_words = sorted(caption.split()[0] for caption in connected.node_captions())
    assert first_words == ["1", "Andrei", "Drama", "Mirror", "Solaris", "Stalker"]
    counts = connected.relationship_counts()
    assert counts["PREDICTED_RATING"] == 1
    assert counts["RATED"] == 2
    assert counts["DIRECTED"] == counts["HAS_GENRE"] == 3
    # The style was taken.
    assert "#F36924" in connected.relationship_colours(), connected.relationship_captions()


def test_why_a_movie_is_recommended_live_is_drawn_with_what_is_liked_together(connected: Any) -> None:
    connected.run(text_of("13_why_live"))
    first_words = {caption.split()[0] for caption in connected.node_captions()}
    assert {"1", "Solaris", "Stalker"} < first_words
    assert connected.relationship_counts()["LIKED_TOGETHER"] >= 3
    assert "#5DB665" in connected.relationship_colours()


def test_live_recommendations_are_drawn_with_their_reasons(connected: Any) -> None:
    connected.run(text_of("17_directors_live"))
    first_words = {caption.split()[0] for caption in connected.node_captions()}
    # The user, both liked movies, their director, and the recommended movies.
    assert first_words == {"1", "Stalker", "Solaris", "Andrei", "Mirror", "Never"}
    assert connected.relationship_counts()["LIKED_TOGETHER"] >= 2


def test_the_command_puts_a_query_into_the_editor(browser: Any, connected: Any) -> None:
    browser.page.goto(command("--query", "attention_goes")["address"])
    browser.page.wait_for_selector("[data-testid=activeEditor] .view-line >> text=Where the attention of one")
    assert "p.attentionWeights[i]" in browser.editor_text()


def test_a_query_file_can_be_kept_as_a_favourite(connected: Any) -> None:
    file = next(query for query in command()["queries"] if query["name"].startswith("04"))["file"]
    connected.drop(Path(file))
    connected.page.click("text=Save to favorites")
    connected.page.click("[data-testid=navigationFavorites]")
    connected.page.wait_for_selector("text=The movies that draw most attention over all predictions")


@pytest.mark.parametrize(
    "query",
    [
        query.name
        for query in queries.folder().joinpath("browser").iterdir()
        if query.name.endswith(".cypher")
    ],
)
def test_every_ready_query_runs_and_finds_something(graph: Connection, query: str) -> None:
    assert graph.run(f"browser/{query.removesuffix('.cypher')}")


def test_a_query_that_nothing_fits_is_named() -> None:
    done = CliRunner().invoke(main, ["browser", "--no-open", "--query", "no such"])
    assert done.exit_code == 1
    assert "matches no queries" in done.stderr
    assert "01_recommended_to_a_user" in done.stderr
