"""TensorFlow and Keras, imported in one place and quietly: `from kgrec_gds.keras_backend import keras, tf`.

They run on the CPU even where there is a GPU: networks of this size are slower there, and the same seed gives different
results each time; docs/experiments.md has the figures.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# With oneDNN the same query differed in the last digit in one of ten runs, and TensorFlow 2.21 crashed with a
# segmentation fault on large batches. It is no faster for networks of this size.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")


@contextmanager
def _quiet() -> Iterator[None]:
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


with _quiet():
    import keras
    import tensorflow as tf

    with suppress(RuntimeError):  # TensorFlow was initialised before this import
        tf.config.set_visible_devices([], "GPU")
    tf.constant(0)  # the second message comes with the first tensor

__all__ = ["keras", "tf"]
