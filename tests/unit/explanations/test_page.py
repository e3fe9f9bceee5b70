import re
from dataclasses import replace
from html import unescape

import pytest

from kgrec_gds.explanations.explanation import AttendedStep, Contributions, Explanation, GraphPath, PathNode
from kgrec_gds.explanations.explanation_page import page
from kgrec_gds.explanations.subgraph import _Drawing
from kgrec_gds.explanations.wording import path_in_words, sentences

STALKER, SOLARIS = PathNode("Movie", "tt1", "Stalker"), PathNode("Movie", "tt2", "Solaris & <b>")
TARKOVSKY, DRAMA = PathNode("Person", "nm1", "Andrei Tarkovsky"), PathNode("Genre", "Drama", "Drama")


@pytest.fixture
def found():
    return Explanation(
        user="1",
        movie="tt2",
        title=SOLARIS.name,
        year=1972,
        rating=8.125,
        given=None,
        attention=[
            AttendedStep("tt3", 'Ran "x"', 0.25, 3.0, 1_000_000_000),
            AttendedStep("tt1", "Stalker", 0.75, 9.0, 1_100_000_000),
        ],
        paths=[
            GraphPath([STALKER, TARKOVSKY, SOLARIS], ["DIRECTED", "DIRECTED"], 2.0),
            GraphPath([STALKER, DRAMA, SOLARIS], ["HAS_GENRE", "HAS_GENRE"], 1.0),
        ],
        contributions=Contributions(7.5, 0.5, 0.25, -0.125),
        ranking=None,
        note=None,
        model_id="a-model",
        source="model",
        seconds={},
    )


def test_the_words_name_what_matters_most_first(found):
    text = "\n".join(sentences(found))
    assert "predicted rating 8.12, predicted now by model a-model" in text
    assert text.index("0.75  Stalker, rated 9") < text.index('0.25  Ran "x", rated 3')
    assert "Andrei Tarkovsky directed Stalker and Solaris" in text
    assert "the user's history          +0.50" in text
    assert "the most attended movies    +0.25" in text


def test_without_attention_neither_attended_movies_nor_their_contribution_are_named(found):
    parts = replace(found.contributions, attended=None)
    text = "\n".join(
        sentences(replace(found, attention=[], contributions=parts, note="It has no attention."))
    )
    assert "Most attention" not in text
    assert "attended" not in text
    assert "It has no attention." in text


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (GraphPath([STALKER, DRAMA, SOLARIS], ["HAS_GENRE"] * 2, 1), "Stalker and Solaris & <b> are both Drama"),
        (
            GraphPath([STALKER, TARKOVSKY, SOLARIS], ["WROTE", "DIRECTED"], 1),
            "Andrei Tarkovsky wrote Stalker and directed Solaris & <b>",
        ),
        (
            GraphPath([STALKER, TARKOVSKY, PathNode("Movie", "tt9", None), DRAMA, SOLARIS],
                 ["DIRECTED", "WROTE", "HAS_GENRE", "HAS_GENRE"], 1),
            "Stalker -DIRECTED- Andrei Tarkovsky -WROTE- tt9 -HAS_GENRE- Drama -HAS_GENRE- Solaris & <b>",
        ),
    ],
)  # fmt: skip
def test_a_path_reads_as_a_phrase(path, words):
    assert path_in_words(path) == words


def test_the_page_holds_everything_in_itself_and_no_title_is_taken_for_markup(found):
    html = page(found)
    outside = re.sub(r'srcdoc="[^"]*"', "", html)
    assert "<b>" not in outside
    assert "Solaris &amp; &lt;b&gt;" in outside
    assert 'title="Ran &quot;x&quot;, rated 3, weight 0.250, 2001-09-09"' in outside
    assert outside.count('class="step"') == 2
    assert "height:100.0%" in outside
    assert "height:33.3%" in outside
    # The frame's own page too loads nothing from elsewhere.
    inside = unescape(re.search(r'srcdoc="([^"]*)"', html)[1])
    for text in (outside, inside):
        assert not re.search(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=", text)
    assert '"caption": "predicted 8.1"' in inside


def test_the_drawing_points_the_way_the_graph_does(found):
    nodes, arrows = _Drawing(found).parts()
    assert {node.id for node in nodes} == {
        "User 1", "Movie tt1", "Movie tt2", "Movie tt3", "Person nm1", "Genre Drama",
    }  # fmt: skip
    assert {(arrow.source, arrow.target, arrow.caption.split(",")[0]) for arrow in arrows} == {
        ("User 1", "Movie tt2", "predicted 8.1"),
        ("User 1", "Movie tt1", "rated 9"),
        ("User 1", "Movie tt3", "rated 3"),
        ("Person nm1", "Movie tt1", "DIRECTED"),
        ("Person nm1", "Movie tt2", "DIRECTED"),
        ("Movie tt1", "Genre Drama", "HAS_GENRE"),
        ("Movie tt2", "Genre Drama", "HAS_GENRE"),
    }


def test_a_page_without_history_says_so(found):
    html = page(
        replace(found, attention=[], paths=[], note="The user has no earlier rating.", contributions=None)
    )
    assert '<p class="note">The user has no earlier rating.</p>' in html
    assert "<h2>Contributions</h2>" not in html
