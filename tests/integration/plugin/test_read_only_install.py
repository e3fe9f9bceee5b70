"""The read-only install of the README: without TensorFlow it recommends, explains, finds, rates and queries."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kgrec_gds.server.server_state import RunningServer

ROOT = Path(__file__).resolve().parents[3]
RANKING = """
MATCH (run:ModelRun)
SET run.rankingLikedTogether = 1.0, run.rankingPeople = 1.0, run.rankingPopularity = 1.0,
  run.popularityHalfLife = 86400.0, run.popularityAt = 1500000000, run.rankingDigest = run.id
WITH run
MATCH (movie:Movie)
SET movie.popularity = toFloat(right(movie.tconst, 2)), movie.ratingCount = COUNT { (movie)<-[:RATED]-() },
  movie.peopleNorm = 1.0
"""
FROM_PYTHON = """
import kgrec_gds
with kgrec_gds.connect() as kg:
    rows = kg.connection.driver.execute_query("RETURN 7 AS seven").records
    print(*kg.recommend("u1", k=2).tconst, *kg.find("tt0000007").tconst, rows[0]["seven"])
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Python of a new environment with the read-only install, made as the README says."""
    folder = tmp_path_factory.mktemp("read")
    for name in ("kgrec_gds", "cypher", "plugin"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE", "requirements-read.lock"):
        shutil.copy(ROOT / name, folder)
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True, timeout=120)
    program = folder / "venv" / "bin" / "python"
    for arguments in (["--require-hashes", "--requirement", "requirements-read.lock"], ["--no-deps", "."]):
        install = [str(program), "-m", "pip", "install", "--quiet", *arguments]
        done = subprocess.run(install, cwd=folder, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
    return program


@pytest.fixture(scope="module", autouse=True)
def next_movies(published: Any) -> list[str]:
    """What the procedure recommends to the user u1, on a graph with a published network."""
    published.rows(RANKING)
    published.connection.run_alone("schema/movie_title_fulltext")
    published.connection.run_alone("loading/await_indexes", seconds=60)
    query = (
        "CALL kgrec.recommend('u1', {topK: 2}) YIELD movie, rank RETURN movie.tconst AS tconst ORDER BY rank"
    )
    return [row["tconst"] for row in published.rows(query)]


def run(python: Path, server: RunningServer, *arguments: str) -> subprocess.CompletedProcess[str]:
    address = server.address
    there = {
        "NEO4J_URI": address.uri,
        "NEO4J_USERNAME": address.username,
        "NEO4J_PASSWORD": address.password,
    }
    environment = {**os.environ, **there, "PYTHONPATH": ""}
    return subprocess.run(
        [python, *arguments], env=environment, cwd=python.parent, capture_output=True, text=True, timeout=120
    )


def answer(python: Path, server: RunningServer, *arguments: str) -> dict[str, Any]:
    done = run(python, server, "-m", "kgrec_gds", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_nothing_heavy_is_installed(python: Path, server: RunningServer) -> None:
    found = run(python, server, "-m", "pip", "list", "--format=freeze").stdout.lower()
    assert "kgrec" in found
    assert not any(
        name in found for name in ("tensorflow", "keras", "scipy", "scikit", "duckdb", "datascience")
    )


def test_commands_that_read(python: Path, server: RunningServer, next_movies: list[str]) -> None:
    listed = answer(python, server, "recommend", "u1", "-k", "2")
    assert listed["source"] == "procedure"
    assert [row["tconst"] for row in listed["recommendations"]] == next_movies
    assert all(1 <= row["predicted_rating"] <= 10 for row in listed["recommendations"])
    assert "tt0000007" in json.dumps(answer(python, server, "find", "tt0000007"))
    assert next_movies[0] in json.dumps(answer(python, server, "explain", "u1", next_movies[0]))


def test_from_python(python: Path, server: RunningServer, next_movies: list[str]) -> None:
    done = run(python, server, "-c", FROM_PYTHON)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [*next_movies, "tt0000007", "7"]


def test_what_trains_says_what_is_missing(python: Path, server: RunningServer) -> None:
    done = run(python, server, "-m", "kgrec_gds", "embed")
    assert done.returncode == 1
    assert "which is not installed; a read-only install leaves it out" in done.stderr
    assert "Traceback" not in done.stderr
