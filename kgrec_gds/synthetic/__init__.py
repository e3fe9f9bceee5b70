"""Seeded generator of a small data set in IMDb's format, with a planted taste for directors, actors and genres."""

from kgrec_gds.synthetic.generator import Generated, generate
from kgrec_gds.synthetic.synthetic_settings import GenerateSettings

__all__ = ["GenerateSettings", "Generated", "generate"]
