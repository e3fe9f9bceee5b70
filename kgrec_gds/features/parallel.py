"""Batches of numpy work on all cores."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from kgrec_gds.threads import one_blas_thread

Batch = TypeVar("Batch")


def in_parallel(work: Callable[[Batch], None], batches: Iterable[Batch]) -> None:
    """Do `work` for each batch by threads; numpy and BLAS release the interpreter's lock."""
    with one_blas_thread(), ThreadPoolExecutor(os.cpu_count()) as threads:
        for _ in threads.map(work, batches):
            pass
