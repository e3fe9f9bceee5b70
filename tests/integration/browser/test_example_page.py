"""The example page in a real Chromium against the real server: find a movie, rate it, see the list change and why."""

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from kgrec_gds.database.connection import Connection
from kgrec_gds.server.server_state import RunningServer

pytestmark = pytest.mark.browser

PAGE = Path(__file__).resolve().parents[3] / "docs" / "example-page"
#: Title, popularity; the tconst is tt and the place.
FILMS = [
    ("Alien", 9.0),
    ("Brazil", 8.0),
    ("Solaris", 7.0),
    ("Stalker", 2.0),
    ("Mirror", 1.0),
    ("<b>Ran</b>", 0.5),
]
USER = "7"
LOAD = """
UNWIND range(0, size($films) - 1) AS i
CREATE (m:Movie {tconst: 'tt' + i, title: $films[i][0], year: 1970 + i, popularity: $films[i][1], ratingCount: 1, peopleNorm: 0.0})
WITH collect(m) AS movies, collect(m)[2] AS solaris, collect(m)[5] AS ran
CREATE (solaris)-[:LIKED_TOGETHER {weight: 0.9}]->(ran)
CREATE (tarkovsky:Person:Director {nconst: 'nm1', name: 'Andrei Tarkovsky', idf: 0.5})
FOREACH (m IN movies[2..5] | SET m.peopleNorm = 0.5 CREATE (tarkovsky)-[:DIRECTED]->(m))
CREATE (:ModelRun {id: 'a-model', created: datetime(), rankingLikedTogether: 1.0, rankingPeople: 1.0, rankingPopularity: 1.0,
  popularityHalfLife: 86400.0, popularityAt: 1000, rankingDigest: 'a-model'})
"""
CLEAR = "MATCH (n:Movie|Person|Genre|User|ModelRun) DETACH DELETE n"


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without a log."""

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def address(
    tmp_path_factory: pytest.TempPathFactory, npm_ci: Callable[[Path], subprocess.CompletedProcess[str]]
) -> Iterator[str]:
    """Address of the page, served with the driver that its lock names."""
    folder = tmp_path_factory.mktemp("page") / "example-page"
    shutil.copytree(PAGE, folder, ignore=shutil.ignore_patterns("node_modules"))
    done = npm_ci(folder)
    if done.returncode and "integrity" not in done.stderr.lower():
        pytest.skip(f"npm cannot install the driver: {done.stderr.strip()[-300:]}")
    assert done.returncode == 0, done.stderr
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module", autouse=True)
def films(server: RunningServer) -> Iterator[None]:
    with Connection.open(server.address) as graph:
        graph.driver.execute_query(CLEAR)
        graph.driver.execute_query(LOAD, films=[list(film) for film in FILMS])
        graph.run_alone("schema/movie_title_fulltext")
        graph.run_alone("loading/await_indexes", seconds=60)
        yield
        graph.driver.execute_query(CLEAR)


@pytest.fixture(scope="module")
def page(address: str, browser: Any) -> Any:
    browser.page.goto(address)
    return browser.page


def connect(page: Any, server: RunningServer, password: str) -> None:
    page.fill("[name=uri]", server.address.uri)
    page.fill("[name=password]", password)
    page.fill("[name=user]", USER)
    page.click("#connect button")


def recommended(page: Any) -> list[str]:
    return page.locator("#recommended li").evaluate_all("items => items.map((item) => item.dataset.tconst)")


def test_a_wrong_password_is_said(page: Any, server: RunningServer) -> None:
    connect(page, server, "wrong")
    page.wait_for_selector("#message.error:has-text('authentication')")
    assert not page.is_visible("main")


def test_a_movie_is_found_and_rated_and_the_list_changes_and_says_why(
    page: Any, server: RunningServer, graph: Connection
) -> None:
    connect(page, server, server.address.password)
    page.wait_for_selector("#message:has-text('Connected')")
    # Somebody without ratings gets what is popular.
    assert recommended(page) == [f"tt{place}" for place in range(len(FILMS))]
    assert page.inner_text("#recommended li >> nth=0").endswith("popular now 100 %")

    page.fill("[name=text]", "sol*(")
    page.click("#find button")
    page.wait_for_selector("#found li")
    assert page.locator("#found li").count() == 1
    page.select_option("#found select", "9")
    page.click("#found button")
    page.wait_for_selector("#message:has-text('You rated Solaris (1972) 9.')")

    after = recommended(page)
    assert "tt2" not in after
    assert after[0] == "tt5"
    first = page.inner_text("#recommended li >> nth=0")
    assert "<b>Ran</b>" in first
    assert "was 6" in first
    assert "you liked Solaris" in first
    assert "by Andrei Tarkovsky" in page.inner_text("[data-tconst=tt3]")

    records, _, _ = graph.driver.execute_query(
        "MATCH (:User {userId: $user})-[r:RATED]->(m:Movie) RETURN m.tconst AS tconst, r.rating AS rating, "
        "r.ratedAt IS :: INTEGER AS whole",
        user=USER,
    )
    assert [record.data() for record in records] == [{"tconst": "tt2", "rating": 9.0, "whole": True}]
    assert after == [
        record["tconst"]
        for record in graph.driver.execute_query(
            "CALL kgrec.recommend($user) YIELD movie, rank RETURN movie.tconst AS tconst ORDER BY rank",
            user=USER,
        ).records
    ]


def test_a_title_that_nothing_fits_is_said(page: Any) -> None:
    page.fill("[name=text]", "no such film")
    page.click("#find button")
    page.wait_for_selector("#message:has-text('No title has all the words')")
    assert page.locator("#found li").count() == 0
