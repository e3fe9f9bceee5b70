"""The rule by which the server is sized."""

from pathlib import Path

import pytest

from kgrec_gds.server import memory
from kgrec_gds.server.memory import Memory

GIGABYTE = 2**30


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KGREC_HEAP", raising=False)
    monkeypatch.delenv("KGREC_PAGE_CACHE", raising=False)
    monkeypatch.setattr(memory, "machine_bytes", lambda: 24 * GIGABYTE)


def stored(folder: Path, size: int) -> Path:
    """A data directory with a store of that many bytes, which take no disk."""
    (folder / "databases" / "neo4j").mkdir(parents=True)
    with (folder / "databases" / "neo4j" / "nodes.db").open("wb") as file:
        file.truncate(size)
    return folder


@pytest.mark.parametrize(
    ("store", "heap", "page_cache"),
    [
        (100 * 2**20, "2048m", "512m"),
        (GIGABYTE, "4096m", "1229m"),
        # 40 % and 15 % of the machine are the most.
        (100 * GIGABYTE, "9831m", "3687m"),
    ],
)
def test_a_larger_store_gets_more_heap_and_page_cache(
    tmp_path: Path, store: int, heap: str, page_cache: str
) -> None:
    assert Memory.choose(stored(tmp_path, store)) == Memory(heap, page_cache, given=False)


def test_a_small_machine_gets_a_quarter_of_its_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "machine_bytes", lambda: 4 * GIGABYTE)
    assert Memory.choose().heap == "1024m"


def test_what_a_person_set_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    data = stored(tmp_path, GIGABYTE)
    monkeypatch.setenv("KGREC_HEAP", "3g")
    assert Memory.choose(data) == Memory("3g", "1229m", given=True)
    assert Memory.choose(data, heap="5g", page_cache="1g") == Memory("5g", "1g", given=True)


@pytest.mark.parametrize(("size", "count"), [("512k", 2**19), ("3M", 3 * 2**20), ("2g", 2**31)])
def test_sizes_are_read_in_javas_notation(size: str, count: int) -> None:
    assert memory.size_in_bytes(size) == count
