"""Unsupported picture files are refused before any work is done."""

import pytest
from click.testing import CliRunner

from kgrec_gds.cli import main


@pytest.mark.parametrize(
    "command",
    [["embed", "compare", "--picture", "map.txt"], ["explain", "1", "tt0114709", "--heatmap", "heat"]],
)
def test_a_file_that_is_not_a_picture_is_refused(command: list[str]) -> None:
    refused = CliRunner().invoke(main, command)
    assert refused.exit_code == 2
    assert "expected .png, .svg or .pdf" in " ".join(refused.output.split())
