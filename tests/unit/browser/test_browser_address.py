"""Addresses of other databases; the managed server's is tested in a real Chromium."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from kgrec_gds.errors import InputError
from kgrec_gds.explanations.neo4j_browser import browser_address, find_query, ready_queries


@pytest.mark.parametrize(
    ("uri", "page", "connect"),
    [
        ("bolt://graph.example:7687", "http://graph.example:7474/browser/", "bolt://neo4j@graph.example:7687"),
        ("neo4j+s://abc.databases.neo4j.io", "https://browser.neo4j.io/", "neo4j+s://neo4j@abc.databases.neo4j.io"),
    ],
)  # fmt: skip
def test_another_database_has_its_own_browser(
    monkeypatch: pytest.MonkeyPatch, uri: str, page: str, connect: str
) -> None:
    monkeypatch.setenv("NEO4J_URI", uri)
    monkeypatch.setenv("NEO4J_PASSWORD", "a secret")
    found = browser_address(query="07")
    parts = urlsplit(found.address)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == page
    parameters = parse_qs(parts.query)
    assert parameters["connectURL"] == [connect]
    assert parameters["arg"] == [find_query("07").text]
    assert found.password_file is None
    assert "secret" not in found.address


def test_queries_are_found_by_number_or_by_name_and_only_where_one_fits() -> None:
    assert find_query("04").name == find_query("Magnets").name == "browser/04_attention_magnets"
    with pytest.raises(InputError, match="matches 2 queries"):
        find_query("recommended")


def test_the_guide_asks_ten_questions_and_names_every_query() -> None:
    found = ready_queries()
    text = Path(found[0].file).with_name("guide.md").read_text(encoding="utf-8")
    assert [query.name for query in found if f"`{query.name}`" not in text] == []
    assert sum(line[:1].isdigit() for line in text.splitlines()) == 10
