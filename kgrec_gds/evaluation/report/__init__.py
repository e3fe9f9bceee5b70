"""The evaluation as files: `metrics.json`, CSV tables and one self-contained page."""
