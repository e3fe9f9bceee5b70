"""Generate a small data set in IMDb's format whose ratings depend on directors, actors and genres."""

from kgrec_gds.synthetic.generator import SyntheticData, generate
from kgrec_gds.synthetic.synthetic_settings import SyntheticDataSettings

__all__ = ["SyntheticData", "SyntheticDataSettings", "generate"]
