"""Titles and ids are shown as they are, whatever rich would read in them."""

import pytest

from kgrec_gds.cli import models_text, recommend, similar
from kgrec_gds.cli.options import show
from kgrec_gds.serving.recommendations import Attended, Recommendation, Recommendations, ScoreReason
from kgrec_gds.workflows.similar import Similar, SimilarMovie

STRANGE = "[REC] :cat: [bold]x[/]"


@pytest.fixture
def wide(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")


def shown(capsys, result, text):
    show(result, False, text)
    return capsys.readouterr().out


def test_recommendations(wide, capsys):
    reason = ScoreReason("liked_movie", "tt2", STRANGE, 0.5)
    row = Recommendation(
        1, "tt1", STRANGE, None, 3, 8.0, 1.0, [reason], 0.0, 0.5, [Attended("tt2", STRANGE, 0.5)]
    )
    result = Recommendations(STRANGE, "model", "a-model", 0, [row], None, {})
    assert shown(capsys, result, recommend.table).count(STRANGE) == 3


def test_recommendations_without_attention_say_why(wide, capsys):
    row = Recommendation(1, "tt1", "Ran", 1985, 3, 8.0, 1.0, [], 1.0, 0.0, [])
    result = Recommendations("1", "model", "a-model", 0, [row], "The model has no attention.", {})
    text = shown(capsys, result, recommend.table)
    assert "The model has no attention." in text
    assert "100% popular now" in text


def test_similar_movies(wide, capsys):
    movie = SimilarMovie("tt2", STRANGE, 2007, 0.9, [STRANGE], [STRANGE])
    assert shown(capsys, Similar("tt1", STRANGE, "transe", [movie], {}), similar._table).count(STRANGE) == 4


def test_plain_text(capsys):
    assert STRANGE in shown(capsys, {}, lambda _: STRANGE)


def test_tables_without_data_are_shown_too(wide, capsys):
    from kgrec_gds.workflows.models import ModelRuns

    assert "Model runs" in shown(capsys, ModelRuns([], {}), models_text.list_of)
