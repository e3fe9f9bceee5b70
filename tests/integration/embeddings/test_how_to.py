"""The page docs/how-to/add-an-embedding-method.md, followed in a copy of the package."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from kgrec_gds.database.connection import Connection
from kgrec_gds.server.server_state import RunningServer

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "how-to" / "add-an-embedding-method.md"


def _code(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def changed(tmp_path: Path, server: RunningServer) -> Callable[..., dict[str, Any]]:
    """Runs commands of a copy of the package that has the page's row and queries."""
    package = tmp_path / "kgrec_gds"
    shutil.copytree(
        ROOT / "kgrec_gds", package, ignore=shutil.ignore_patterns("__pycache__", "cypher", "plugin")
    )
    shutil.copytree(ROOT / "cypher", package / "cypher")
    shutil.copytree(ROOT / "plugin", package / "plugin")
    methods = package / "embeddings" / "methods.py"
    before, last_row, after = methods.read_text(encoding="utf-8").rpartition("    )\n}\n")
    (row,) = _code("text")
    methods.write_text(before + row + last_row + after, encoding="utf-8")
    query, index = _code("cypher")
    (package / "cypher" / "embeddings" / "hashgnn.cypher").write_text(query, encoding="utf-8")
    (package / "cypher" / "serving" / "vector_index_hashgnn.cypher").write_text(index, encoding="utf-8")
    address = server.address
    environment = os.environ | {
        "PYTHONPATH": str(tmp_path),
        "NEO4J_URI": address.uri,
        "NEO4J_USERNAME": address.username,
        "NEO4J_PASSWORD": address.password,
    }

    def run(*arguments: str) -> dict[str, Any]:
        command = [
            sys.executable,
            "-c",
            "from kgrec_gds.cli import main; main()",
            *arguments,
            "--json",
        ]
        done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout))

    return run


def test_a_row_and_a_query_add_a_method(
    connection: Connection, small_graph: ModuleType, changed: Callable[..., dict[str, Any]]
) -> None:
    result = changed("embed", "--method", "hashgnn", "--dimension", "16", "--set", "iterations=3")
    assert result["trainer"] == "gds"
    assert result["parameters"]["iterations"] == 3
    vectors = small_graph.vectors(connection, "hashGNN")
    assert len(vectors) == result["node_properties_written"] == result["node_count"]
    assert {len(vector) for vector in vectors.values()} == {16}
    compared = changed("embed", "compare", "--methods", "hashgnn", "--no-picture")
    (row,) = compared["methods"]
    assert row["neighbours"]["genre"] > compared["chance"]["genre"]
    near = changed("similar", "tt0000001", "--method", "hashgnn", "-k", "3")
    assert len(near["movies"]) == 3
    connection.driver.execute_query("DROP INDEX movie_hashgnn")
