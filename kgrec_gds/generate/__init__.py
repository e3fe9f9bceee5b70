"""Seeded generator of a small data set in IMDb's format, with a planted taste for directors, actors and genres."""

from kgrec_gds.generate.run import Generated, generate
from kgrec_gds.generate.settings import GenerateSettings

__all__ = ["GenerateSettings", "Generated", "generate"]
