"""TensorFlow behind Keras, imported quietly and in one place."""

import os


def prepare() -> None:
    """Set what must be set before TensorFlow is imported: the backend of Keras, and silence on standard error."""
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
