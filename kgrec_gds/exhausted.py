"""Disk or memory that ran out, told in one sentence, whichever library met it."""

import errno
import importlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil

from kgrec_gds.errors import InputError

#: Neo4j allocates its indexes in pieces of this size.
_NEARLY_FULL = 10_000_000
#: With 6 GB an import and a training of MovieLens end well; with 4.5 GB Java finds no addresses for its threads.
_ADDRESS_SPACE = 6_000_000_000
#: What the libraries say; NumPy, Python, DuckDB, TensorFlow, HDF5, Java and Neo4j each in their own words.
_DISK = re.compile(
    r"no space left|disk (is )?full|disk quota exceeded|max_temp_directory_size", re.IGNORECASE
)
_MEMORY = re.compile(
    r"out ?of ?memory|cannot allocate memory|unable to allocate|failed to allocate|bad_alloc|memory pool|oom when allocating"
    r"|java heap space|failed to map segment|can't start new thread"
    r"|error return without exception set",  # an extension module of Python's that got no memory while it was loaded
    re.IGNORECASE,
)
_SERVER = re.compile(r"Neo\.\w+\.|java heap space|memory pool|dbms\.memory", re.IGNORECASE)
#: DuckDB quotes the traceback of a Python reader that it called.
_TRACEBACK = re.compile(r"[:.\s]*(Detail: Python exception|Traceback \(most).*")
_MEMORY_KINDS = (
    "OutOfMemoryException",
    "ResourceExhaustedError",
)  # of DuckDB and TensorFlow, by name: neither is imported


def exhausted(error: BaseException) -> str | None:
    """What ran out, where, and what to do; None for an error of another kind."""
    for each in _chain(error):
        text = _TRACEBACK.sub("", " ".join(str(each).split()))
        full = isinstance(each, OSError) and each.errno in (errno.ENOSPC, errno.EDQUOT)
        if full or _DISK.search(text):
            return _no_disk(each, text)
        if isinstance(each, MemoryError) or type(each).__name__ in _MEMORY_KINDS or _MEMORY.search(text):
            return _no_memory(text, getattr(each, "code", None) or "")
    return None


def require_disk(folder: Path, needed: int, purpose: str) -> None:
    """Refuse to begin what would fill the disk.

    Raises:
        InputError: fewer bytes are free than `needed`.
    """
    place, free = _free(folder)
    if free < needed:
        raise InputError(
            f"Too little space for {purpose}: it needs about {size(needed)} in {folder}, and {size(free)} are free on the "
            f"disk of {place}. Free some space, or choose another folder."
        )


def require_address_space(program: str) -> None:
    """Refuse to begin what reserves more addresses than `ulimit -v` leaves: some libraries then end the process.

    Raises:
        InputError: there is such a limit, and it is too low.
    """
    try:
        resource = importlib.import_module("resource")
    except ImportError:  # no such limits on Windows
        return
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY and limit < _ADDRESS_SPACE:
        raise InputError(
            f"The address space of this process is limited to {size(limit)}; {program} needs at least "
            f"{size(_ADDRESS_SPACE)}. Run: ulimit -v unlimited"
        )


def nearly_full(folder: Path) -> str | None:
    """What to say of a disk on which a failure is likely one of space: libraries do not always tell why they failed."""
    place, free = _free(folder)
    return f"the disk of {place} is full ({size(free)} free)" if free < _NEARLY_FULL else None


def size(count: int) -> str:
    """Bytes in a unit that a person reads."""
    return f"{count / 1e9:,.1f} GB" if count >= 10**9 else f"{count / 1e6:,.0f} MB"


def _no_disk(error: BaseException, text: str) -> str:
    name = getattr(error, "filename", None) or next(iter(re.findall(r"[\"'](/[^\"']+)[\"']", text)), None)
    if name is None:
        return f"The disk is full: {text[:300]}. Free some space, and run the same command again."
    place, free = _free(Path(str(name)))
    return (
        f"The disk of {place} is full ({size(free)} free) while {name} was written. Free some space, and run the same "
        "command again."
    )


def _no_memory(text: str, code: str) -> str:
    if _SERVER.search(f"{code} {text}"):
        return f"The server ran out of memory: {text[:300]}. Stop it (kgrec-gds server stop) and give it more, e.g. KGREC_HEAP=4g."
    memory = psutil.virtual_memory()
    detail = f" ({text[:300].rstrip('.')})" if text else ""
    return (
        f"Out of memory{detail}: {size(memory.available)} of {size(memory.total)} are available on this machine, or fewer to "
        "this process. End other programs, or use a machine with more memory."
    )


def _free(path: Path) -> tuple[Path, int]:
    """The nearest folder that exists, and the free bytes on its disk."""
    place = next(each for each in (path, *path.absolute().parents) if each.is_dir())
    return place, shutil.disk_usage(place).free


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__
