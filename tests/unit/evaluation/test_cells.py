import numpy as np

from kgrec_gds.evaluation.cells import Cell, cell_path, load_cell, save_cell
from kgrec_gds.evaluation.plan import CellKey

KEY = CellKey("global", 1, "attention_lstm:no_lstm")


def test_a_saved_cell_is_loaded_unless_it_was_made_from_something_else(tmp_path):
    at_once = np.arange(3, dtype=np.float32)
    cell = Cell(
        KEY, {"at_once": at_once, "day_old": at_once + 1}, seconds={"fit": 2.0}, history=[{"epoch": 1.0}]
    )
    assert load_cell(tmp_path, KEY, "a") is None
    save_cell(tmp_path, cell, "a")
    again = load_cell(tmp_path, KEY, "a")
    assert list(again.predicted) == ["at_once", "day_old"]
    np.testing.assert_array_equal(again.predicted["day_old"], at_once + 1)
    assert (again.seconds, again.history) == (cell.seconds, cell.history)
    assert again.top_lists is None
    assert load_cell(tmp_path, KEY, "b") is None


def test_a_file_name_has_no_colon(tmp_path):
    assert cell_path(tmp_path, KEY) == tmp_path / "global" / "attention_lstm--no_lstm.1.npz"
