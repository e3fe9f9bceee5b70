"""`kgrec-gds embed` refuses invalid settings before it looks for a server."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from kgrec_gds.cli import main


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--set", "walk_length=3"], "walk_length"),
        (["--set", "walk_length"], "--set"),
        (["--dimension", "0"], "--dimension"),
        (["--method", "transe", "--with-ratings"], "--with-ratings"),
        (["--method", "node2vec", "--stable"], "stable"),
        (["--method", "word2vec"], "word2vec"),
        (["--predict-links", "RATED"], "RATED"),
    ],
)
def test_invalid_settings_are_named_in_one_line(arguments: list[str], named: str) -> None:
    result = CliRunner().invoke(main, ["embed", *arguments])
    assert result.exit_code != 0
    assert named in result.output
    assert "Traceback" not in result.output


def test_compare_is_a_subcommand_of_embed() -> None:
    result = CliRunner().invoke(main, ["embed", "compare", "--help"])
    assert result.exit_code == 0
    assert "--picture" in result.output


def test_help_imports_no_heavy_library() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from kgrec_gds.cli import main; "
        "CliRunner().invoke(main, ['embed', '--help']); "
        "print([n for n in ('tensorflow', 'pandas', 'neo4j', 'graphdatascience', 'sklearn') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
