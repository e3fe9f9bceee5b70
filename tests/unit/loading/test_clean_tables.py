"""CSV for neo4j-admin: headers of the graph schema, and strings that are read unchanged."""

import csv
import shlex
import subprocess
import tempfile
from pathlib import Path

import duckdb
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kgrec_gds.loading.admin_command import import_arguments, printed_commands, write_schema_file
from kgrec_gds.loading.clean_tables import CleanTables, write_csv, write_relation

ROOT = Path(__file__).resolve().parents[3]

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


def test_headers_follow_the_graph_schema(clean_tables: CleanTables, tmp_path: Path) -> None:
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


def test_nodes_count_under_each_of_their_labels(clean_tables: CleanTables) -> None:
    counts = clean_tables.counts()
    assert counts.nodes == {"Movie": 2, "Person": 2, "Actor": 2, "Director": 1, "Genre": 1, "User": 2}
    assert counts.relationships == {"ACTED_IN": 2, "DIRECTED": 1, "HAS_GENRE": 1, "RATED": 3}


# Surrogates and NUL do not occur in real files.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)


CONNECTION = duckdb.connect()


@given(st.lists(texts, min_size=1, max_size=50))
@settings(max_examples=60, deadline=None)
def test_strings_are_read_back_unchanged(values: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        write_relation(CONNECTION.sql("SELECT unnest($values) AS s", params={"values": values}), path)
        with path.open(newline="", encoding="utf-8") as file:
            # A line with one empty field is `""`, which csv reads as a field.
            read = [row[0] for row in csv.reader(file)][1:]
    assert read == values


def test_null_and_the_empty_string_differ(tmp_path: Path) -> None:
    connection = duckdb.connect()
    write_relation(connection.sql("SELECT NULL::VARCHAR AS a, '' AS b"), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text().splitlines()[1] == ',""'


def test_printed_commands_name_every_file_and_replace_the_database(tmp_path: Path) -> None:
    folder = tmp_path / "with space"
    folder.mkdir()
    commands = printed_commands(folder)
    for table in HEADERS:
        assert f"/kgrec-csv/{table}.csv" in commands["docker"]
        assert f"{folder}/{table}.csv" in commands["local"]
    for command in commands.values():
        assert "database import full neo4j --overwrite-destination=true" in command
        assert "--bad-tolerance=0" in command


def test_the_printed_mount_uses_a_path_that_compose_does_not(tmp_path: Path) -> None:
    compose = yaml.safe_load((ROOT / "docker" / "compose.yml").read_text(encoding="utf-8"))
    used = {volume.split(":")[1] for volume in compose["services"]["neo4j"]["volumes"]}
    words = shlex.split(printed_commands(tmp_path)["docker"])
    folder, place = words[words.index("--volume") + 1].split(":")
    assert folder == str(tmp_path)
    assert place not in used


def test_the_printed_commands_stop_at_the_first_failure(tmp_path: Path) -> None:
    (tmp_path / "movies.csv").touch(0o600)
    for command in printed_commands(tmp_path).values():
        for program in ("docker", "neo4j", "neo4j-admin", "cypher-shell"):
            (tmp_path / program).write_text(
                '#!/bin/sh\necho "$@" >> calls\ncase "$*" in *admin*|*import*) exit 1;; esac\n'
            )
            (tmp_path / program).chmod(0o755)
        done = subprocess.run(
            ["/bin/sh", "-c", command], cwd=tmp_path, env={"PATH": f"{tmp_path}:/bin"}, check=False
        )
        assert done.returncode == 1
        assert len((tmp_path / "calls").read_text().splitlines()) == 2
        (tmp_path / "calls").unlink()


def test_the_printed_login_is_passed_in_the_environment(tmp_path: Path) -> None:
    secret = tmp_path / "neo4j_password"
    secret.write_text("not a secret\n")
    program = tmp_path / "cypher-shell"
    program.write_text('#!/bin/sh\necho "$NEO4J_USERNAME|$NEO4J_PASSWORD|$*"\n')
    program.chmod(0o755)
    words = shlex.split(printed_commands(tmp_path)["docker"])
    script = words[words.index("-c") + 1].replace("/run/secrets/neo4j_password", str(secret))
    done = subprocess.run(
        ["/bin/sh", "-c", script],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "neo4j|not a secret|\n"


def test_nodes_with_a_label_column_have_no_fixed_label() -> None:
    arguments = import_arguments(Path("/x"))
    assert "--nodes=/x/persons.csv" in arguments
    assert "--nodes=Movie=/x/movies.csv" in arguments
    assert "--relationships=RATED=/x/ratings.csv" in arguments


@pytest.mark.parametrize("name", ["movie_tconst", "person_nconst", "genre_name", "user_id"])
def test_the_schema_file_has_every_constraint(name: str, tmp_path: Path) -> None:
    text = write_schema_file(tmp_path).read_text()
    assert f"CREATE CONSTRAINT {name} IF NOT EXISTS" in text
    assert text.count(";\n") == text.count("IF NOT EXISTS")


def test_predictions_of_unknown_users_and_movies_are_left_out(
    clean_tables: CleanTables, tmp_path: Path
) -> None:
    source, folder = tmp_path / "source.csv", tmp_path / "csv"
    folder.mkdir()
    header = '":START_ID(User)",":END_ID(Movie)","rank:long","a:string[]"'
    rows = ['"1","tt2",1,"x;y"', '"é 2","tt1",,""']
    source.write_text("\n".join([header, *rows, '"3","tt1",,', '"1","tt9",,']) + "\n")
    assert clean_tables.select_predictions(source, 4, folder) == 2
    path = folder / "predicted_rating.csv"
    assert sorted(list(csv.reader(path.open()))[1:]) == list(csv.reader(rows))
    assert "1,tt2,1," in path.read_text()
    assert clean_tables.select_predictions(path, 2, tmp_path) == 2
    assert (tmp_path / "predicted_rating.csv").readlink() == path
    write_csv(clean_tables, folder)
    assert not path.exists(), "the next import without predictions would have them, too"
