"""Protocols, metrics with intervals, the leakage audit and the report; touches no database."""
