"""TensorFlow and Keras, imported in one place and quietly: `from kgrec_gds.keras_backend import keras, tf`.

They run on the CPU even where there is a GPU: networks of this size are slower there, and the same seed gives different
results each time; docs/experiments.md has the figures.
"""

from contextlib import suppress

from kgrec_gds.exhausted import require_address_space
from kgrec_gds.quiet_tensorflow import quiet

require_address_space("TensorFlow")
with quiet():
    import keras
    import tensorflow as tf

    with suppress(RuntimeError):  # TensorFlow was initialised before this import
        tf.config.set_visible_devices([], "GPU")
    tf.constant(0)  # the second message comes with the first tensor

__all__ = ["keras", "tf"]
