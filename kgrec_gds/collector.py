"""Python's collector of cyclic garbage."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: New objects until a collection, and collections until one of the next generation; Python's own first is 700.
_RARELY = (100_000, 20, 100)


@contextmanager
def rare_collections() -> Iterator[None]:
    """Collect rarely while millions of plain objects are made: each collection would scan them again.

    Where collections are as rare already, or off, nothing changes, so that blocks may overlap in threads.
    """
    before = gc.get_threshold()
    if not 0 < before[0] < _RARELY[0]:
        yield
        return
    gc.set_threshold(*_RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)
