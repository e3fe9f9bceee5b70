"""Run the tutorial as a notebook, against a real server in a home of its own."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jupytext
import pytest
from nbclient import NotebookClient

from kgrec_gds.server.admin_tool import end_leftovers
from kgrec_gds.server.lifecycle import stop
from kgrec_gds.server.server_files import ServerFiles

TUTORIAL = Path(__file__).resolve().parent.parent.parent / "docs" / "tutorial.py"


@pytest.fixture(scope="module")
def folder(own_home: Path) -> Iterator[Path]:
    """The tutorial's home. Its last cell stops the server, but an earlier cell may fail."""
    yield own_home / "tutorial"
    for instance in ("main", "import"):
        files = ServerFiles(own_home / "tutorial" / "server", instance)
        stop(files)
        end_leftovers(files)


@pytest.fixture(scope="module")
def cells(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """The code cells after the run; an error in a cell ends it."""
    notebook = jupytext.read(TUTORIAL)
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(elsewhere)}}).execute()
    assert list(elsewhere.iterdir()) == [], "the tutorial writes outside its home"
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def result(cells: list[Any], start: str) -> str:
    """The value of the cell that begins with these characters."""
    return shown(cells, start)["text/plain"]


def rows(cells: list[Any], start: str) -> int:
    """Rows of the frame that the cell shows."""
    return shown(cells, start)["text/html"].count("<tr") - 1


def shown(cells: list[Any], start: str) -> dict[str, str]:
    (cell,) = [cell for cell in cells if cell.source.startswith(start)]
    (output,) = [output for output in cell.outputs if output.output_type == "execute_result"]
    return output["data"]


def test_every_step_shows_its_result(cells: list[Any]) -> None:
    (after_import,) = [cell for cell in cells if cell.source == "kg"]
    assert "120 movies, 60 users" in after_import.outputs[0]["data"]["text/plain"]
    assert "RATED" in result(cells, "import pandas")
    method, properties, _ = ast.literal_eval(result(cells, "embedded ="))
    assert method == "transe"
    assert properties > 120
    assert rows(cells, "most_rated =") == 5
    assert {"attention_lstm", "baseline_causal", "at_once", "month_old"} <= set(
        result(cells, "trained =").split()
    )
    predictions, recommendations = ast.literal_eval(result(cells, "predicted ="))
    assert predictions > recommendations == 5 * 60
    assert rows(cells, "kg.score") == 2
    assert rows(cells, "best =") == 5
    source, titles = ast.literal_eval(result(cells, "kg.rate"))
    assert source == "procedure"
    assert len(set(titles)) == 5
    assert {"averages", "history", "graph"} <= set(result(cells, "why =").split())


def test_the_plot_is_drawn(cells: list[Any]) -> None:
    (cell,) = [cell for cell in cells if "plt.show()" in cell.source]
    assert any("image/png" in output.get("data", {}) for output in cell.outputs)
