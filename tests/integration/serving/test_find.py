"""Find a movie by title on the real server, and name one by its title in other commands."""

import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from kgrec_gds.cli import main
from kgrec_gds.client import KnowledgeGraph
from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import InputError
from kgrec_gds.serving.find_movie import find_movies, resolve_movie
from kgrec_gds.workflows.rate import rate
from kgrec_gds.workflows.similar import similar

CLEAR = "MATCH (n) WHERE n.tconst STARTS WITH 'tt-find' OR n.userId STARTS WITH 'find-' DETACH DELETE n"
#: Title, year, number of ratings; the tconst is tt-find- and the place.
FILMS = [
    ("Toy Story 2", 1999, 3),
    ("Toy Story", 1995, 1),
    ("It", 1990, 0),
    ("Schindler's List", 1993, 0),
    ("[REC]", 2007, 0),
    ("Сталкер", 1979, 0),
    ("千と千尋の神隠し", 2001, 0),
    ("Amélie", 2001, 0),
    ("WALL·E", 2008, 0),
    ("$", 1971, 0),
    ("Dune", 1984, 0),
    ("Dune", 2021, 2),
    ("[bold]Dune[/bold] :cat:", 2022, 0),
    (None, 2000, 0),
]


@pytest.fixture(scope="module")
def films(server) -> Iterator[Connection]:
    with Connection.open(server.address) as graph:
        graph.driver.execute_query("DROP INDEX movie_title_fulltext IF EXISTS")
        graph.driver.execute_query(
            "UNWIND range(0, size($films) - 1) AS i WITH i, $films[i] AS film "
            "CREATE (m:Movie {tconst: 'tt-find-' + i, title: film[0], year: film[1], fastRP: [1.0, 0.1 * i]}) "
            "FOREACH (n IN range(1, film[2]) | CREATE (:User {userId: 'find-' + i + '-' + n})-[:RATED {rating: 8.0, ratedAt: 1}]->(m))",
            films=[list(film) for film in FILMS],
        )
        yield graph
        graph.driver.execute_query(CLEAR)
        graph.driver.execute_query("DROP INDEX movie_fastrp IF EXISTS")


def places(connection: Connection, text: str) -> list[int]:
    return [int(movie.tconst.removeprefix("tt-find-")) for movie in find_movies(connection, text)]


def test_a_database_without_the_index_gets_it_and_the_command_says_so(films: Connection) -> None:
    films.driver.execute_query("DROP INDEX movie_title_fulltext IF EXISTS")
    first = CliRunner().invoke(main, ["find", "toy story"])
    assert first.exit_code == 0, first.output
    assert "Creating the full-text index" in first.stderr
    assert "Creating" not in CliRunner().invoke(main, ["find", "toy story"]).stderr


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("toy story", [1, 0]),  # the exact title comes before the more popular one
        ("toy", [0, 1]),  # else the most rated first
        ("it", [2]),
        ("schindlers", [3]),
        ("schindler's list", [3]),
        ("[rec]", [4]),
        ("stalk", []),
        ("сталк", [5]),
        ("千尋", [6]),
        ("amelie", [7]),
        ("wall-e", [8]),
        ("$", [9]),
        ("dune", [11, 10, 12]),
        ("Dune (1984)", [10]),
        ("dune 2021", [11]),
        ("toy storry", [0, 1]),
        ("tt-find-5", [5]),
        ('toy" AND (story~', []),
        ("*", []),
        ("", []),
    ],
)
def test_movies_are_found_by_title(films: Connection, text: str, expected: list[int]) -> None:
    assert places(films, text) == expected


def test_the_command_shows_titles_as_they_are_and_how_many_more_there_are(films: Connection) -> None:
    done = CliRunner().invoke(main, ["find", "dune", "--limit", "2"])
    assert "1 more" in done.stdout
    everything = CliRunner().invoke(main, ["find", "dune"]).stdout
    assert "[bold]Dune[/bold] :cat:" in everything
    found = json.loads(CliRunner().invoke(main, ["find", "dune 2021", "--json"]).stdout)
    assert found["movies"] == [{"tconst": "tt-find-11", "title": "Dune", "year": 2021, "ratings": 2}]


def test_nothing_found_is_said(films: Connection) -> None:
    done = CliRunner().invoke(main, ["find", "no such film"])
    assert done.exit_code == 1
    assert "The graph has no movie 'no such film'" in done.stderr
    assert KnowledgeGraph(films).find("no such film").empty


def test_the_client_returns_a_frame(films: Connection) -> None:
    found = KnowledgeGraph(films).find("dune", limit=2)
    assert found.to_dict("records") == [
        {"tconst": "tt-find-11", "title": "Dune", "year": 2021, "ratings": 2},
        {"tconst": "tt-find-10", "title": "Dune", "year": 1984, "ratings": 0},
    ]


@pytest.mark.parametrize(
    ("text", "place"), [("toy story", 1), ("tt-find-3", 3), ("dune (2021)", 11), ("schindler", 3), ("IT", 2)]
)
def test_an_unambiguous_title_names_a_movie(films: Connection, text: str, place: int) -> None:
    assert resolve_movie(films, text) == f"tt-find-{place}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dune", r"ambiguous: Dune \(2021, tt-find-11\); Dune \(1984, tt-find-10\)\. Give the tconst"),
        ("toy", "ambiguous: Toy Story 2 "),
        ("schindlr", "did you mean Schindler's List"),
        ("tt9999999999", "no movie 'tt9999999999'"),
        ("no such film", "no movie 'no such film'"),
    ],
)
def test_an_ambiguous_or_unknown_title_is_an_error(films: Connection, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        resolve_movie(films, text)


def test_other_commands_take_a_title(films: Connection) -> None:
    assert rate(films, "find-new", "toy story", 9).tconst == "tt-find-1"
    assert similar(films, "Amelie", method="fastrp", k=1).tconst == "tt-find-7"
    with pytest.raises(InputError, match="ambiguous"):
        rate(films, "find-other", "dune", 9)
    assert not films.one("serving/user_exists", userId="find-other")["found"]
