"""The pages about features: the how-to page is done as it says, and every block is documented."""

import importlib
import re
import textwrap
from pathlib import Path

from kgrec_gds.features import table
from kgrec_gds.features.blocks import BLOCKS

DOCS = Path(__file__).parents[3] / "docs"


def test_the_feature_of_the_how_to_page_passes_its_test(make_tiny_dataset, tmp_path, monkeypatch) -> None:
    text = (DOCS / "how-to" / "add-a-feature.md").read_text("utf-8")
    block, test = (textwrap.dedent(code) for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL))
    (line,) = re.findall(r"```text\n\s*(\w+),\n", text)
    (tmp_path / "user_decade.py").write_text(block, "utf-8")
    (tmp_path / "user_decade_test.py").write_text(test, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    added = getattr(importlib.import_module("user_decade"), line)
    monkeypatch.setattr(table, "BLOCKS", (*BLOCKS, added))
    importlib.import_module("user_decade_test").test_user_decade_agrees_with_its_definition(make_tiny_dataset)


def test_every_block_and_its_file_stand_in_the_reference() -> None:
    text = (DOCS / "features.md").read_text("utf-8")
    for block in BLOCKS:
        folder_or_file = block.__module__.split(".")[2]
        assert f"`{block.__name__}`" in text
        assert f"`{folder_or_file}.py`" in text or f"`{folder_or_file}/`" in text
