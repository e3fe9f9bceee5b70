from collections.abc import Iterator

import pytest

from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import EmbeddingError, InputError
from kgrec_gds.workflows.rate import rate
from kgrec_gds.workflows.similar import similar


@pytest.fixture
def three_movies(graph: Connection) -> Iterator[Connection]:
    graph.driver.execute_query(
        "CREATE (a:Movie {tconst: 'tt-rate-1', title: 'One', fastRP: [1.0, 0.0, 0.1]}), "
        "(b:Movie {tconst: 'tt-rate-2', title: 'Two', fastRP: [0.9, 0.1, 0.0]}), "
        "(c:Movie {tconst: 'tt-rate-3', title: 'Three', fastRP: [-1.0, 0.5, 0.0]}), "
        "(:Movie {tconst: 'tt-rate-4', title: 'Without a vector'}), "
        "(d:Director:Person {nconst: 'nm-rate-1', name: 'Somebody'}), (d)-[:DIRECTED]->(a), (d)-[:DIRECTED]->(b)"
    )
    yield graph
    graph.driver.execute_query(
        "MATCH (n) WHERE n.tconst STARTS WITH 'tt-rate' OR n.nconst STARTS WITH 'nm-rate' OR n.userId STARTS WITH 'rate-' "
        "DETACH DELETE n"
    )
    graph.driver.execute_query("DROP INDEX movie_fastrp IF EXISTS")


def test_a_new_user_s_rating_and_its_change(three_movies: Connection) -> None:
    first = rate(three_movies, "rate-new", "tt-rate-1", 8, rated_at=1_000)
    assert (first.title, first.rating, first.before, first.rated_at) == ("One", 8.0, None, 1_000)
    assert rate(three_movies, "rate-new", "tt-rate-1", 3).before == 8.0
    records, _, _ = three_movies.driver.execute_query(
        "MATCH (:User {userId: 'rate-new'})-[r:RATED]->(:Movie {tconst: 'tt-rate-1'}) RETURN r.rating AS rating"
    )
    assert [record["rating"] for record in records] == [3.0]


@pytest.mark.parametrize(
    ("user", "tconst", "rating", "message"),
    [
        ("rate-x", "tt-rate-1", 11, "Invalid rating 11; expected a number from 1 to 10"),
        ("rate-x", "tt-rate-1", float("nan"), "Invalid rating nan; expected a number from 1 to 10"),
        ("rate-x", "tt-none", 5, "no movie 'tt-none'"),
        (" ", "tt-rate-1", 5, "user id is empty"),
    ],
)
def test_an_invalid_rating_is_refused_and_adds_no_user(
    three_movies: Connection, user: str, tconst: str, rating: float, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        rate(three_movies, user, tconst, rating)
    assert not three_movies.one("serving/user_exists", userId=user)["found"]


def test_the_nearest_movies_come_first_with_what_they_share(three_movies: Connection) -> None:
    found = similar(three_movies, "tt-rate-1", method="fastrp", k=2)
    assert [movie.tconst for movie in found.movies] == ["tt-rate-2", "tt-rate-3"]
    assert found.movies[0].shared_people == ["Somebody"]
    assert found.movies[0].score > 0.9 > found.movies[1].score


def test_vectors_of_another_size_get_a_new_index(three_movies: Connection) -> None:
    similar(three_movies, "tt-rate-1", method="fastrp", k=1)
    three_movies.driver.execute_query(
        "MATCH (m:Movie) WHERE m.tconst STARTS WITH 'tt-rate' AND m.fastRP IS NOT NULL SET m.fastRP = m.fastRP + [0.0, 0.0]"
    )
    assert [movie.tconst for movie in similar(three_movies, "tt-rate-1", k=1).movies] == ["tt-rate-2"]


def test_a_movie_without_a_vector_and_an_unknown_movie_are_errors(three_movies: Connection) -> None:
    with pytest.raises(EmbeddingError, match="has no knowledge-graph vector"):
        similar(three_movies, "tt-rate-4")
    with pytest.raises(EmbeddingError, match="has no node2vec vector"):
        similar(three_movies, "tt-rate-1", method="node2vec")
    with pytest.raises(InputError, match="no movie 'tt-none'"):
        similar(three_movies, "tt-none")
