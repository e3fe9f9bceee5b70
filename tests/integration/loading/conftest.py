"""A small data set in IMDb's format, with strings full of special characters."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kgrec_gds.synthetic import SyntheticDataSettings, generate

NASTY = (
    "He said \"no\"; she said 'yes', twice",
    '"Quoted"',
    '"',
    "back\\slash \\n \\",
    "semi;colon;Person",
    "comma, and | bar",
    "Ωμέγα — 東京物語 — Москва — שלום",
    "emoji 🎬 and e\u0301 combining",
    "$param {map} `tick` // no comment",
    "NULL",
)


class Cli:
    """The command line, run in a folder and a home of its own."""

    def __init__(self, home: Path, cwd: Path) -> None:
        self.home, self.cwd = home, cwd

    def start(self, *arguments: object, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "kgrec_gds", *map(str, arguments)],
            cwd=self.cwd,
            env={**os.environ, "KGREC_HOME": str(self.home), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: object, **environment: str) -> tuple[int, str, str]:
        """Exit code, standard output, standard error."""
        with self.start(*arguments, **environment) as process:
            output, error = process.communicate(timeout=600)
        return process.returncode, output, error

    def json(self, *arguments: object, **environment: str) -> dict[str, Any]:
        """The JSON object of a successful command."""
        code, output, error = self.run(*arguments, "--json", **environment)
        assert code == 0, error
        return json.loads(output)


@pytest.fixture(scope="session")
def nasty() -> tuple[str, ...]:
    return NASTY


def add_lines(path: Path, lines: list[str]) -> None:
    """Append lines to a gzipped table."""
    text = gzip.decompress(path.read_bytes()).decode() + "".join(f"{line}\n" for line in lines)
    path.write_bytes(gzip.compress(text.encode()))


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the data set; `tt90000NN` and `nm90000NN` have the special strings."""
    folder = tmp_path_factory.mktemp("raw")
    generate(folder, SyntheticDataSettings(seed=5, users=30, movies=80, ratings_per_user=20))
    many = list(enumerate(NASTY))
    add_lines(
        folder / "title.basics.tsv.gz",
        [f"tt90000{n:02}\tmovie\t{text}\t\\N\t0\t1999\t\\N\t\\N\tDrama" for n, text in many],
    )
    add_lines(
        folder / "name.basics.tsv.gz", [f"nm90000{n:02}\t{text}\t\\N\t\\N\t\\N\t\\N" for n, text in many]
    )
    add_lines(folder / "title.crew.tsv.gz", [f"tt90000{n:02}\tnm90000{n:02}\t\\N" for n, _ in many])
    return folder


@pytest.fixture(scope="module")
def cli(own_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Cli:
    return Cli(own_home, tmp_path_factory.mktemp("cwd"))
