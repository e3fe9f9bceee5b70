"""How TensorFlow is imported: its settings of the environment, and without what C++ writes to standard error."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# With oneDNN the same query differed in the last digit in one of ten runs, and TensorFlow 2.21 crashed with a
# segmentation fault on large batches. It is no faster for networks of this size.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")


@contextmanager
def quiet() -> Iterator[None]:
    """Silence what C++ writes to standard error: TensorFlow logs there before it reads its own log level."""
    sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # no standard error at all
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
