"""The live queries for Neo4j Browser against the formula of the ranking, computed independently by numpy."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from kgrec_gds.database import queries
from kgrec_gds.database.connection import Connection
from kgrec_gds.server.server_state import RunningServer

MOVIES, PEOPLE, USERS = 40, 18, 6
A, B, C = 1.0, 0.5, 0.25
#: Likes nothing; has rated nothing.
NO_LIKED, NO_RATING = "live-4", "live-5"
ROLES = ("DIRECTED", "ACTED_IN", "WROTE")
CLEAR = (
    "MATCH (n:Movie|Person|User|ModelRun) "
    "WHERE coalesce(n.tconst, n.nconst, n.userId, n.id) STARTS WITH 'live-' DETACH DELETE n"
)


class Graph:
    """A small random graph that follows the contract of the ranking, as arrays."""

    def __init__(self) -> None:
        rng = np.random.default_rng(11)
        self.weights = np.where(rng.random((MOVIES, MOVIES)) < 0.2, rng.random((MOVIES, MOVIES)), 0.0)
        np.fill_diagonal(self.weights, 0.0)
        #: Person in movie, by role.
        self.roles = rng.random((len(ROLES), PEOPLE, MOVIES)) < 0.04
        self.roles[0, 0, 1:] = True  # in every movie that has people: says nothing
        self.roles[:, 1, 3] = True  # in every role of one movie, and counted once
        self.roles[:, :, 0] = False  # a movie without people
        self.roles[:, 1:, 7] = False  # a movie whose only person says nothing
        self.works = self.roles.any(axis=0)
        with_people = self.works.any(axis=0).sum()
        self.idf = np.log(with_people / np.maximum(1, self.works.sum(axis=1)))
        self.norm = np.sqrt((self.works * self.idf[:, None] ** 2).sum(axis=0))
        self.ratings = np.where(rng.random((USERS, MOVIES)) < 0.25, rng.integers(1, 11, (USERS, MOVIES)), 0)
        self.ratings[4] = np.minimum(self.ratings[4], 7)
        self.ratings[5] = 0
        self.ratings[:, -3:] = 0  # never rated
        self.popularity = np.round(rng.random(MOVIES) * (self.ratings > 0).any(axis=0), 6)

    def parts(self, user: int, ratings: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """The three parts of every movie's score, shape (movies, 3), and which movies the user has not rated."""
        ratings = self.ratings[user] if ratings is None else ratings
        unrated, liked = ratings == 0, np.flatnonzero(ratings >= 8)
        unit = np.divide(
            self.works * self.idf[:, None], self.norm, out=np.zeros((PEOPLE, MOVIES)), where=self.norm > 0
        )
        signals = (self.weights[liked].sum(axis=0), unit[:, liked].sum(axis=1) @ unit, self.popularity)
        parts = np.zeros((MOVIES, 3))
        for column, (factor, signal) in enumerate(zip((A, B, C), signals, strict=True)):
            deviation = np.std(signal[unrated])
            if deviation > 0:
                parts[:, column] = factor * signal / deviation
        return parts, unrated

    def ranked(self, user: int, ratings: np.ndarray | None = None) -> list[tuple[str, list[float]]]:
        parts, unrated = self.parts(user, ratings)
        score = parts.sum(axis=1)
        order = sorted(np.flatnonzero(unrated), key=lambda movie: (-score[movie], f"live-{movie:02}"))
        return [(f"live-{movie:02}", [score[movie], *parts[movie]]) for movie in order]


ARRAYS = Graph()


@pytest.fixture(scope="module")
def small(server: RunningServer) -> Iterator[Connection]:
    g = ARRAYS
    with Connection.open(server.address) as graph:
        graph.driver.execute_query("MATCH (n) DETACH DELETE n")
        graph.driver.execute_query(
            "UNWIND $movies AS row CREATE (m:Movie) SET m = row",
            movies=[
                {"tconst": f"live-{m:02}", "title": f"Film {m}", "year": 1980 + m, "popularity": float(g.popularity[m]),
                 "peopleNorm": float(g.norm[m]), "ratingCount": int((g.ratings[:, m] > 0).sum())}
                for m in range(MOVIES)
            ],
        )  # fmt: skip
        graph.driver.execute_query(
            "UNWIND $people AS row CREATE (p:Person) SET p = row",
            people=[
                {"nconst": f"live-nm{p:02}", "name": f"Name {p}", "idf": float(g.idf[p])}
                for p in range(PEOPLE)
            ],
        )
        graph.driver.execute_query(
            "UNWIND $rows AS row MATCH (p:Person {nconst: row[0]}), (m:Movie {tconst: row[2]}) CREATE (p)-[:$(row[1])]->(m)",
            rows=[
                [f"live-nm{p:02}", ROLES[role], f"live-{m:02}"]
                for role, p, m in np.argwhere(g.roles).tolist()
            ],
        )
        graph.driver.execute_query(
            "UNWIND $rows AS row MATCH (a:Movie {tconst: row[0]}), (b:Movie {tconst: row[1]}) "
            "CREATE (a)-[:LIKED_TOGETHER {weight: row[2]}]->(b)",
            rows=[
                [f"live-{a:02}", f"live-{b:02}", float(g.weights[a, b])]
                for a, b in np.argwhere(g.weights).tolist()
            ],
        )
        graph.driver.execute_query(
            "UNWIND range(0, size($ratings) - 1) AS u CREATE (user:User {userId: 'live-' + u}) WITH u, user "
            "UNWIND range(0, size($ratings[u]) - 1) AS m WITH u, user, m WHERE $ratings[u][m] > 0 "
            "MATCH (movie:Movie {tconst: 'live-' + right('0' + m, 2)}) "
            "CREATE (user)-[:RATED {rating: $ratings[u][m], ratedAt: 1000 + m}]->(movie)",
            ratings=g.ratings.astype(float).tolist(),
        )
        # The latest run has no ranking, and an older one is promoted: neither the latest nor the first may be taken.
        graph.driver.execute_query(
            "UNWIND [['live-a', 9.0, null, 1], ['live-b', $a, true, 2], ['live-c', 9.0, null, 3], ['live-d', null, null, 4]] AS run "
            "CREATE (r:ModelRun {id: run[0], promoted: run[2], created: datetime({epochSeconds: run[3]})}) "
            "SET r.rankingLikedTogether = run[1], r.rankingPeople = CASE WHEN run[1] IS NOT NULL THEN $b END, "
            "r.rankingPopularity = CASE WHEN run[1] IS NOT NULL THEN $c END, "
            "r.rankingDigest = CASE WHEN run[1] IS NOT NULL THEN run[0] END",
            a=A, b=B, c=C,
        )  # fmt: skip
        yield graph
        graph.driver.execute_query(CLEAR)


def ask(graph: Connection, name: str, user: str) -> list[Any]:
    text = queries.load(f"browser/{name}").text.replace("'1' AS userId", f"'{user}' AS userId")
    return graph.driver.execute_query(text).records


def assert_ranked(rows: list[Any], expected: list[tuple[str, list[float]]]) -> None:
    assert [row["tconst"] for row in rows] == [tconst for tconst, _ in expected[:10]]
    found = [[row[name] for name in ("score", "likedTogether", "sharedPeople", "popularity")] for row in rows]
    np.testing.assert_allclose(found, [values for _, values in expected[:10]], atol=2e-6)


@pytest.mark.parametrize("user", range(USERS))
def test_the_live_recommendations_are_those_of_the_formula(small: Connection, user: int) -> None:
    assert_ranked(ask(small, "12_watch_next_live", f"live-{user}"), ARRAYS.ranked(user))


def test_the_cases_that_the_formula_treats_apart_are_in_the_graph() -> None:
    assert (ARRAYS.parts(4)[0][:, :2] == 0).all()
    assert (ARRAYS.parts(5)[0][:, :2] == 0).all()
    assert (ARRAYS.parts(0)[0] > 0).any(axis=0).all()
    assert ARRAYS.norm[0] == ARRAYS.norm[7] == 0
    assert ARRAYS.roles[:, 1, 3].sum() == 3


def test_a_new_rating_counts_at_once(small: Connection) -> None:
    before = ask(small, "12_watch_next_live", NO_LIKED)
    ratings = ARRAYS.ratings[4].copy()
    movie = int(np.flatnonzero((ratings == 0) & (ARRAYS.norm > 0) & (ARRAYS.weights.sum(axis=1) > 0))[0])
    ratings[movie] = 10
    change = "MATCH (u:User {userId: $user}), (m:Movie {tconst: $tconst}) CREATE (u)-[:RATED {rating: 10.0, ratedAt: 9}]->(m)"
    small.driver.execute_query(change, user=NO_LIKED, tconst=f"live-{movie:02}")
    after = ask(small, "12_watch_next_live", NO_LIKED)
    small.driver.execute_query(
        "MATCH (:User {userId: $user})-[r:RATED {ratedAt: 9}]->() DELETE r", user=NO_LIKED
    )
    assert_ranked(after, ARRAYS.ranked(4, ratings))
    assert [row["tconst"] for row in before] != [row["tconst"] for row in after]


@pytest.mark.parametrize("name", ["12_watch_next_live", "13_why_live"])
def test_without_a_whole_ranking_in_the_graph_nothing_is_mixed(small: Connection, name: str) -> None:
    small.driver.execute_query(
        "MATCH (run:ModelRun) SET run.kept = run.rankingDigest REMOVE run.rankingDigest"
    )
    while_written = ask(small, name, "live-0")
    small.driver.execute_query("MATCH (run:ModelRun) SET run.rankingDigest = run.kept REMOVE run.kept")
    assert while_written == []
    assert ask(small, name, "live-0")


def test_the_reasons_are_drawn_from_the_user_to_the_three_best_movies(small: Connection) -> None:
    rows = ask(small, "13_why_live", "live-0")
    best = [tconst for tconst, _ in ARRAYS.ranked(0)[:3]]
    assert {row["movie"]["tconst"] for row in rows} == set(best)
    liked = {f"live-{movie:02}" for movie in np.flatnonzero(ARRAYS.ratings[0] >= 8)}
    for row in filter(lambda row: row["path"] is not None, rows):
        user, past, *_, movie = row["path"].nodes
        assert user["userId"] == "live-0"
        assert past["tconst"] in liked
        assert movie["tconst"] == row["movie"]["tconst"]
    movie = int(best[0].removeprefix("live-"))
    together = {
        row["path"].nodes[1]["tconst"]
        for row in rows
        if row["movie"]["tconst"] == best[0] and row["path"] and len(row["path"]) == 2
    }
    weights = {tconst: ARRAYS.weights[int(tconst.removeprefix("live-")), movie] for tconst in liked}
    strongest = sorted(
        (tconst for tconst in liked if weights[tconst] > 0), key=lambda tconst: -weights[tconst]
    )[:3]
    assert together == set(strongest)


def test_a_movie_that_is_only_popular_is_drawn_alone(small: Connection) -> None:
    rows = ask(small, "13_why_live", NO_RATING)
    assert [row["path"] for row in rows] == [None] * 3


def test_because_you_liked_names_the_latest_liked_movies_and_nothing_rated(small: Connection) -> None:
    rows = ask(small, "14_because_you_liked", "live-0")
    liked = np.flatnonzero(ARRAYS.ratings[0] >= 8)[::-1][:5]  # ratedAt grows with the number
    unrated = ARRAYS.ratings[0] == 0
    expected = []
    for past in liked.tolist():
        best = sorted(
            np.flatnonzero((ARRAYS.weights[past] > 0) & unrated), key=lambda m: -ARRAYS.weights[past, m]
        )[:5]
        expected += [(f"Film {past}", f"Film {movie}") for movie in best]
    assert [(row["becauseYouLiked"], row["title"]) for row in rows] == expected


def test_popular_now_is_ordered_by_popularity(small: Connection) -> None:
    rows = ask(small, "15_popular_now", "")
    expected = sorted(np.flatnonzero(ARRAYS.popularity), key=lambda movie: -ARRAYS.popularity[movie])[:20]
    assert [row["title"] for row in rows] == [f"Film {movie}" for movie in expected]


def test_new_movies_share_people_and_have_no_rating(small: Connection) -> None:
    rows = ask(small, "16_new_by_people_you_like", "live-0")
    parts, _ = ARRAYS.parts(0)
    never = np.flatnonzero((ARRAYS.ratings == 0).all(axis=0) & (parts[:, 1] > 0))
    expected = sorted(never, key=lambda movie: -parts[movie, 1])
    assert [row["title"] for row in rows if row["sharedPeople"] > 0] == [
        f"Film {movie}" for movie in expected[:20]
    ]
    assert rows
    assert all(re.fullmatch(r"Name \d+", name) for row in rows for name in row["people"])
