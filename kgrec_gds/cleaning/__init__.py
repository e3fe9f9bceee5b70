"""Raw files to clean tables, with a quality report: what is wrong with a row is said, and the row set aside.

Expressions are Ibis's, computed by DuckDB, or by Spark by option. See docs/cleaning.md for the rules.
"""

from kgrec_gds.cleaning.clean import prepare
from kgrec_gds.cleaning.cleaning_result import TABLE_NAMES, Prepared
from kgrec_gds.cleaning.rules import PRESETS, PrepareSettings

__all__ = ["PRESETS", "TABLE_NAMES", "PrepareSettings", "Prepared", "prepare"]
