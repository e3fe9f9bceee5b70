"""A file that is no picture by its name is refused before anything is connected to or computed."""

import pytest
from click.testing import CliRunner

from kgrec_gds.cli import main


@pytest.mark.parametrize(
    "command",
    [["embed", "compare", "--picture", "map.txt"], ["explain", "1", "tt0114709", "--heatmap", "heat"]],
)
def test_an_ending_that_no_picture_has(command: list[str]) -> None:
    refused = CliRunner().invoke(main, command)
    assert refused.exit_code == 2
    assert "should end in .png, .svg or .pdf" in " ".join(refused.output.split())
