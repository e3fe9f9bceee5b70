import re

import pytest

from kgrec_gds.database import queries
from kgrec_gds.errors import QueryFileError


def all_query_names() -> list[str]:
    folder = queries.folder()
    return sorted(
        f"{package.name}/{file.name.removesuffix('.cypher')}"
        for package in folder.iterdir()
        if package.is_dir() and package.name != "__pycache__"
        for file in package.iterdir()
        if file.name.endswith(".cypher")
    )


@pytest.mark.parametrize("name", all_query_names())
def test_every_query_loads_and_states_its_purpose(name: str) -> None:
    query = queries.load(name)
    assert len(query.purpose.split()) >= 3


def test_parameters_other_than_those_declared_are_refused() -> None:
    with pytest.raises(QueryFileError, match=re.escape("cypher/package/name.cypher:1")):
        queries.parse(
            "package/name",
            "// Finds a user.\n// params: user\nMATCH (u:User {userId: $user, x: $other}) RETURN u",
        )


def test_a_query_without_a_purpose_is_refused() -> None:
    with pytest.raises(QueryFileError, match="what the query is for"):
        queries.parse("package/name", "MATCH (n) RETURN n")


def test_a_file_with_comments_only_is_refused() -> None:
    with pytest.raises(QueryFileError, match="Empty query file"):
        queries.parse("package/name", "// Finds nothing.\n")


def test_a_missing_query_is_named() -> None:
    with pytest.raises(QueryFileError, match=re.escape("cypher/package/absent.cypher")):
        queries.load("package/absent")


def test_dollars_in_strings_and_comments_are_not_parameters() -> None:
    query = queries.parse(
        "package/name", "// Finds a price.\n// params: a\n// $b is not a parameter\nRETURN '$c // x' + $a"
    )
    assert query.parameters == {"a"}
