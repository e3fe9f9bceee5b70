"""How much heap is missing, by the words of GDS and of the plugin."""

import pytest

from kgrec_gds.embeddings.projection import missing_heap

GDS = "Memory required to run FastRP (393696208b) exceeds available memory (229913376b)"
PLUGIN = "Procedure was blocked since minimum estimated memory (3 GiB) exceeds current free memory (800 MiB)."


def test_gds_says_exact_bytes() -> None:
    missing = missing_heap(f"java.lang.IllegalStateException: {GDS}")
    assert missing == pytest.approx(393696208 - 229913376, abs=1)


def test_the_plugin_rounds_to_units() -> None:
    missing = missing_heap(PLUGIN)
    assert missing is not None
    assert missing >= int(3.49 * 2**30) - 800 * 2**20


def test_other_refusals_are_not_about_memory() -> None:
    assert missing_heap("Illegal value for parameter embeddingDimension: -1") is None
