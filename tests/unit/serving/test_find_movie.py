"""How well a title fits a text, and the Lucene query of a text; the index itself is tested on the real server."""

import pytest

from kgrec_gds.serving.find_movie import lucene_query, title_fit

EXACT, WHOLE_WORDS, BEGINNINGS, NEAR = range(4)


@pytest.mark.parametrize(
    ("text", "title", "fit"),
    [
        ("toy story", "Toy Story", EXACT),
        ("amelie", "Amélie", EXACT),
        ("wall-e", "WALL·E", EXACT),
        ("spiderman", "Spider-Man", EXACT),
        ("schindlers list", "Schindler's List", EXACT),
        ("[REC]", "[REC]", EXACT),
        ("strasse", "Straße", EXACT),
        ("toy story", "Toy Story 2", WHOLE_WORDS),
        ("good bad ugly", "The Good, the Bad and the Ugly", WHOLE_WORDS),
        ("o'brother", "O Brother, Where Art Thou?", BEGINNINGS),
        ("spiderman", "Spider-Man 2", WHOLE_WORDS),
        ("sta wa", "Star Wars", BEGINNINGS),
        ("сталк", "Сталкер", BEGINNINGS),
        ("千尋", "千と千尋の神隠し", BEGINNINGS),
        ("toy storry", "Toy Story", NEAR),
        # The letters follow one another, but no word begins with them.
        ("heat", "The Atomic Cafe", None),
        ("toy story 1999", "Toy Story", None),
        ("rec", "$", None),
        ("", "Toy Story", None),
    ],
)
def test_how_well_a_title_fits(text: str, title: str, fit: int | None) -> None:
    assert title_fit(text, title) == fit


def test_the_users_text_holds_no_lucene_syntax() -> None:
    query = lucene_query('title:toy AND (story OR "x*) -heat ~ \\')
    assert "title:" not in query
    assert "AND" not in query.split()
    assert '"' not in query
    assert query.count("(") == query.count(")")


def test_a_text_without_letters_and_numbers_makes_no_query() -> None:
    assert lucene_query("$ *** ( ~") == ""


def test_a_text_of_any_length_makes_a_query_that_lucene_takes() -> None:
    assert lucene_query("toy " * 5_000).count("+(toy") <= 20
