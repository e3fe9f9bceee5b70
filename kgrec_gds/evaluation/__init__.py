"""Models, protocols, metrics with intervals, the leakage audit and the report. Touches no database."""
