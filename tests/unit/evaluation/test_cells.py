"""A cell is made again where what it was made from has changed."""

import numpy as np

from kgrec_gds.evaluation.cells import Cell, cell_path, load_cell, save_cell


def test_what_was_saved_is_read_unless_made_from_something_else(tmp_path):
    cell = Cell("attention_lstm:no_lstm", "global", 1, True, np.arange(3, dtype=np.float32))
    path = cell_path(tmp_path / "global", cell.model, cell.seed)
    assert load_cell(path, "a") is None
    save_cell(path, cell, "a")
    again = load_cell(path, "a")
    assert again is not None
    assert again.model == cell.model
    np.testing.assert_array_equal(again.predicted, cell.predicted)
    assert load_cell(path, "b") is None
