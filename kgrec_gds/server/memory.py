"""How much memory the managed server gets: a rule by the machine's memory and the size of the store."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from kgrec_gds.errors import InputError

HEAP_VARIABLE: Final = "KGREC_HEAP"
PAGE_CACHE_VARIABLE: Final = "KGREC_PAGE_CACHE"
_SIZE = re.compile(r"\d+[kmg]", re.IGNORECASE)
_MEBIBYTE: Final = 2**20
#: Shares of the machine's memory, in percent; the rest is for the commands.
_USUAL_HEAP, _MOST_HEAP, _MOST_RAISED, _MOST_PAGES = 25, 40, 60, 15
#: A projection with its vectors, and queries beside it, take up to this many times the store.
_HEAP_A_STORE: Final = 4


@dataclass(frozen=True)
class Memory:
    """Memory of a server, in Java's notation (`512m`, `2g`)."""

    heap: str
    """Maximum heap, for queries, GDS projections and training."""
    page_cache: str
    """Cache of the store."""
    given: bool = False
    """Whether a person has set the heap, which commands then do not raise."""

    @classmethod
    def choose(
        cls, data: Path | None = None, *, heap: str | None = None, page_cache: str | None = None
    ) -> "Memory":
        """The given sizes, else `KGREC_HEAP` and `KGREC_PAGE_CACHE`, else those of the rule.

        Heap: a quarter of the machine's memory, from 512 MiB to 2 GiB, or four times the store in `data` if that is more,
        up to 40 % of the memory. Page cache: the store and a fifth, from 512 MiB to 15 % of the memory.

        Raises:
            InputError: a value is not a size.
        """
        chosen = {
            HEAP_VARIABLE: heap or os.environ.get(HEAP_VARIABLE),
            PAGE_CACHE_VARIABLE: page_cache or os.environ.get(PAGE_CACHE_VARIABLE),
        }
        for name, value in chosen.items():
            if value and not _SIZE.fullmatch(value):
                raise InputError(f"Invalid {name} {value!r}; expected e.g. 512m or 2g.")
        machine, store = machine_bytes(), store_bytes(data)
        return cls(
            chosen[HEAP_VARIABLE] or as_size(_heap(machine, store)),
            chosen[PAGE_CACHE_VARIABLE] or as_size(_page_cache(machine, store)),
            given=bool(chosen[HEAP_VARIABLE]),
        )


def _heap(machine: int, store: int) -> int:
    usual = max(512 * _MEBIBYTE, min(2048 * _MEBIBYTE, machine * _USUAL_HEAP // 100))
    return max(usual, min(_HEAP_A_STORE * store, machine * _MOST_HEAP // 100))


def _page_cache(machine: int, store: int) -> int:
    return max(512 * _MEBIBYTE, min(store * 6 // 5, machine * _MOST_PAGES // 100))


def largest_heap() -> int:
    """Bytes up to which a command may raise the heap: 60 % of the machine's memory."""
    return machine_bytes() * _MOST_RAISED // 100


def store_bytes(data: Path | None) -> int:
    """Size of the store in a data directory; 0 where there is none yet."""
    if data is None:
        return 0
    files = (data / "databases" / "neo4j").rglob("*")
    return sum(path.stat().st_size for path in files if path.is_file())


def machine_bytes() -> int:
    """Memory of the machine, or of the container if that has less."""
    total = psutil.virtual_memory().total
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
    except OSError:
        return total
    return min(total, int(limit)) if limit.isdigit() else total


def size_in_bytes(size: str) -> int:
    """Bytes of a size in Java's notation."""
    return int(size[:-1]) * {"k": 2**10, "m": 2**20, "g": 2**30}[size[-1].lower()]


def as_size(count: int) -> str:
    """Bytes in Java's notation, rounded up to mebibytes."""
    return f"{-(-count // _MEBIBYTE)}m"
