import re

import pytest

from kgrec_gds.database import queries
from kgrec_gds.errors import QueryFileError


def all_query_names() -> list[str]:
    folder = queries.folder()
    return sorted(
        f"{room.name}/{file.name.removesuffix('.cypher')}"
        for room in folder.iterdir()
        if room.is_dir() and room.name != "__pycache__"
        for file in room.iterdir()
        if file.name.endswith(".cypher")
    )


@pytest.mark.parametrize("name", all_query_names())
def test_every_shipped_query_loads_and_says_what_it_is_for(name: str) -> None:
    query = queries.load(name)
    assert len(query.purpose.split()) >= 3


def test_the_parameters_must_be_the_declared_ones() -> None:
    with pytest.raises(QueryFileError, match=re.escape("cypher/room/name.cypher:1")):
        queries.parse(
            "room/name",
            "// Finds a user.\n// params: user\nMATCH (u:User {userId: $user, x: $other}) RETURN u",
        )


def test_a_query_without_a_purpose_is_refused() -> None:
    with pytest.raises(QueryFileError, match="what the query is for"):
        queries.parse("room/name", "MATCH (n) RETURN n")


def test_a_file_of_comments_alone_is_refused() -> None:
    with pytest.raises(QueryFileError, match="holds none"):
        queries.parse("room/name", "// Finds nothing.\n")


def test_an_absent_query_is_named() -> None:
    with pytest.raises(QueryFileError, match=re.escape("cypher/room/absent.cypher")):
        queries.load("room/absent")


def test_dollars_in_strings_and_comments_are_no_parameters() -> None:
    query = queries.parse(
        "room/name", "// Finds a price.\n// params: a\n// $b is no parameter\nRETURN '$c // x' + $a"
    )
    assert query.parameters == {"a"}
