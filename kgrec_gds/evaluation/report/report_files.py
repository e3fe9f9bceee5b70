"""Write the numbers: `metrics.json`, and a CSV file for each kind of record."""

import json
from pathlib import Path

import pandas as pd

from kgrec_gds.evaluation.records import Results


def write_numbers(results: Results, out: Path) -> list[Path]:
    """Write all numbers into a folder, in the place of those of an earlier evaluation.

    Returns:
        The files written.
    """
    out.mkdir(parents=True, exist_ok=True)
    metrics = out / "metrics.json"
    content = {"metrics": results.metrics, "comparisons": results.comparisons}
    metrics.write_text(json.dumps(content, indent=1, allow_nan=False), encoding="utf-8")
    written = [metrics]
    for name, records in vars(results).items():
        path = out / f"{name}.csv"
        path.unlink(missing_ok=True)
        if records:
            pd.DataFrame(records).to_csv(path, index=False)
            written.append(path)
    return written
