"""Clean raw IMDb tables and user ratings, and report on the quality of the data.

Expressions are written in Ibis and computed by DuckDB, or optionally by Spark. docs/cleaning.md lists the rules.
"""

from kgrec_gds.cleaning.cleaning_result import TABLE_NAMES, CleaningResult
from kgrec_gds.cleaning.pipeline import clean
from kgrec_gds.cleaning.rules import PRESETS, CleaningRules

__all__ = ["PRESETS", "TABLE_NAMES", "CleaningResult", "CleaningRules", "clean"]
