"""CSV for neo4j-admin: headers of the graph schema, and strings that read back unchanged."""

import csv
import tempfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgrec_gds.load.command import import_arguments, printed_commands, write_schema_file
from kgrec_gds.load.csv_files import CsvFolder, write_csv, write_relation
from kgrec_gds.load.tables import CleanTables

HEADERS = {
    "movies": "tconst:ID(Movie),title:string,year:long,runtimeMinutes:long,averageRating:double,numVotes:long",
    "persons": "nconst:ID(Person),name:string,:LABEL",
    "genres": "name:ID(Genre)",
    "users": "userId:ID(User)",
    "acted_in": ":START_ID(Person),:END_ID(Movie),ordering:long,characters:string",
    "directed": ":START_ID(Person),:END_ID(Movie)",
    "wrote": ":START_ID(Person),:END_ID(Movie)",
    "has_genre": ":START_ID(Movie),:END_ID(Genre)",
    "ratings": ":START_ID(User),:END_ID(Movie),rating:double,ratedAt:long",
}


def test_headers_are_those_of_the_graph_schema(clean_tables: CleanTables, tmp_path: Path) -> None:
    write_csv(clean_tables, tmp_path)
    written = {path.stem: path.read_text().splitlines()[0] for path in tmp_path.glob("*.csv")}
    assert written == HEADERS
    assert not list(tmp_path.glob("*.part"))


def test_rows_labels_and_nulls(clean_tables: CleanTables, tmp_path: Path) -> None:
    write_csv(clean_tables, tmp_path)
    movies = (tmp_path / "movies.csv").read_text().splitlines()
    assert movies[1:] == ['tt1,"Say ""Hi""; then, go",1999,90,7.3,100', "tt2,Null,,,,"]
    persons = (tmp_path / "persons.csv").read_text().splitlines()
    assert persons[1:] == ["nm1,Ann,Person;Actor;Director", "nm2,,Person;Actor"]
    ratings = (tmp_path / "ratings.csv").read_text().splitlines()
    assert ratings[1:] == ["1,tt1,8.0,100", "1,tt2,3.0,200", "é 2,tt1,10.0,50"]


def test_counts_follow_the_labels(clean_tables: CleanTables) -> None:
    counts = clean_tables.counts()
    assert counts.nodes == {"Movie": 2, "Person": 2, "Actor": 2, "Director": 1, "Genre": 1, "User": 2}
    assert counts.relationships == {"ACTED_IN": 2, "DIRECTED": 1, "HAS_GENRE": 1, "RATED": 3}


# neo4j-admin and Cypher know no surrogates, and a NUL ends no string of a real file
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)


CONNECTION = duckdb.connect()


@given(st.lists(texts, min_size=1, max_size=50))
@settings(max_examples=60, deadline=None)
def test_strings_survive_the_csv(values: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        write_relation(CONNECTION.sql("SELECT unnest($values) AS s", params={"values": values}), path)
        with path.open(newline="", encoding="utf-8") as file:
            # a line of one empty field is `""`, which csv reads as a field too
            read = [row[0] for row in csv.reader(file)][1:]
    assert read == values


def test_null_and_empty_string_differ(tmp_path: Path) -> None:
    connection = duckdb.connect()
    write_relation(connection.sql("SELECT NULL::VARCHAR AS a, '' AS b"), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text().splitlines()[1] == ',""'


def test_printed_commands_name_every_file_and_replace_the_database(tmp_path: Path) -> None:
    folder = tmp_path / "with space"
    folder.mkdir()
    commands = printed_commands(CsvFolder(folder))
    for table in HEADERS:
        assert f"/import/{table}.csv" in commands["docker"]
        assert f"{folder}/{table}.csv" in commands["local"]
    for command in commands.values():
        assert "database import full neo4j --overwrite-destination=true" in command
        assert "--bad-tolerance=0" in command


def test_nodes_with_a_label_column_get_no_fixed_label() -> None:
    arguments = import_arguments(CsvFolder(Path("/x")))
    assert "--nodes=/x/persons.csv" in arguments
    assert "--nodes=Movie=/x/movies.csv" in arguments
    assert "--relationships=RATED=/x/ratings.csv" in arguments


@pytest.mark.parametrize("name", ["movie_tconst", "person_nconst", "genre_name", "user_id"])
def test_schema_file_holds_every_step(name: str, tmp_path: Path) -> None:
    text = write_schema_file(tmp_path).read_text()
    assert f"CREATE CONSTRAINT {name} IF NOT EXISTS" in text
    assert text.count(";\n") == text.count("IF NOT EXISTS")
