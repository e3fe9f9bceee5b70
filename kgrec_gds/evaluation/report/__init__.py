"""The evaluation as files: `metrics.json`, CSV and Markdown tables, and one self-contained page."""
