"""Arrays to a fitted model and its run folder. Touches no database."""

from kgrec_gds.train import backend

# Before any module of this room imports TensorFlow: afterwards it is too late.
backend.prepare()
