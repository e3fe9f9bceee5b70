"""Titles and ids are shown as they are, whatever rich or a terminal would read in them."""

import ast
import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from rich.console import Group
from rich.table import Table

from kgrec_gds.cli import models_text, recommend, similar
from kgrec_gds.cli.group import LazyGroup
from kgrec_gds.cli.options import show
from kgrec_gds.errors import InputError
from kgrec_gds.serving.recommendations import Attended, Recommendation, Recommendations, ScoreReason
from kgrec_gds.workflows.similar import Similar, SimilarMovie

STRANGE = "[REC] :cat: [bold]x[/]"
#: Clears the screen, colours (in two ways), and turns the direction of writing.
OBEYED = "\x1b[2J\x9b31m\u202e"
ESCAPED = r"\u001b[2J\u009b31m\u202e"

CLI = Path(recommend.__file__).parent
#: Where printing stands once.
PRINTING = {"options.py", "group.py"}
COMMAND_MODULES = sorted(path for path in CLI.glob("*.py") if path.name not in PRINTING)


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

    assert "Model runs" in shown(capsys, ModelRuns([], True, {}), models_text.list_of)


@pytest.mark.parametrize("path", COMMAND_MODULES, ids=lambda path: path.stem)
def test_a_command_prints_by_show_only(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = {name.rpartition(".")[2] for name in called}
    assert not names & {"print", "echo", "secho", "echo_via_pager", "Console", "Text", "from_markup", "Live"}
    if "command" in names:
        assert "show" in names


def test_every_place_of_a_table_is_literal(wide, capsys):
    table = Table(title=STRANGE, caption=STRANGE, show_footer=True)
    table.add_column(STRANGE, footer=STRANGE)
    table.add_row(STRANGE + OBEYED)
    text = shown(capsys, {}, lambda _: Group(table, STRANGE + OBEYED))
    assert text.count(STRANGE) == 6
    assert text.count(ESCAPED) == 2
    assert not set(OBEYED) - set("[2J31m") & set(text)


def test_plain_text_and_json_hold_nothing_that_a_terminal_obeys(capsys):
    assert shown(capsys, {}, lambda _: f"a\n{OBEYED}") == f"a\n{ESCAPED}\n"
    show({"title": OBEYED}, True, str)
    printed = capsys.readouterr().out
    assert json.loads(printed) == {"title": OBEYED}
    assert ESCAPED in printed


def test_an_error_holds_nothing_that_a_terminal_obeys():
    @click.group(cls=LazyGroup)
    def group():
        pass

    @group.command()
    def fail():
        raise InputError(f"Unknown movie {OBEYED}.")

    assert f"Unknown movie {ESCAPED}." in CliRunner().invoke(group, ["fail"]).output
