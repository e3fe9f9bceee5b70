"""What tells what persons watched is readable by its owner only."""

import os
from pathlib import Path

import pytest

from kgrec_gds.home import private_files
from kgrec_gds.workflows import evaluate, explain, import_, train, tune


def write(folder: Path) -> None:
    (folder / "folder").mkdir()
    (folder / "folder" / "file").write_text("x")


def modes(folder: Path) -> list[int]:
    return [path.stat().st_mode & 0o777 for path in sorted(folder.rglob("*"))]


def test_new_files_and_folders_are_private(tmp_path: Path) -> None:
    with private_files():
        write(tmp_path)
    assert modes(tmp_path) == [0o700, 0o600]


def test_the_caller_s_own_files_are_as_before_also_after_an_error(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        with pytest.raises(ValueError, match="x"), private_files():
            raise ValueError("x")
        write(tmp_path)
    finally:
        os.umask(before)
    assert modes(tmp_path) == [0o755, 0o644]


@pytest.mark.parametrize(
    "workflow", [import_.import_, train.train, tune.tune, evaluate.evaluate, explain.explain]
)
def test_workflows_that_write_ratings_write_private_files(workflow: object) -> None:
    inner = workflow.__wrapped__  # type: ignore[attr-defined]  # set by the decorator
    assert inner.__module__ == workflow.__module__
