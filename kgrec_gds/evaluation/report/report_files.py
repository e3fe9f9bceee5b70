"""Write the report: `metrics.json`, CSV tables, `tables.md` and the page."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.evaluation.records import Record, Results
from kgrec_gds.evaluation.report import markdown, report_page

if TYPE_CHECKING:
    from kgrec_gds.data.splits import Protocol
    from kgrec_gds.evaluation.harness import Measured

_IN_JSON = ("metrics", "comparisons", "not_measured", "overlap")


def write_report(
    dataset: Dataset,
    measured: "Mapping[Protocol, Measured]",
    results: Results,
    audit: list[Record],
    out: Path,
) -> list[Path]:
    """Write all files into a folder, in place of those of an earlier evaluation; the page is the last."""
    out.mkdir(parents=True, exist_ok=True)
    page = out / "index.html"
    page.unlink(missing_ok=True)  # no page may stand beside the numbers of another evaluation
    content = {name: getattr(results, name) for name in _IN_JSON}
    metrics, tables = out / "metrics.json", out / "tables.md"
    metrics.write_text(json.dumps(content, indent=1, allow_nan=False), encoding="utf-8")
    written = [metrics]
    for name, records in vars(results).items():
        path = out / f"{name}.csv"
        path.unlink(missing_ok=True)
        if records:
            pd.DataFrame(records).to_csv(path, index=False)
            written.append(path)
    tables.write_text(markdown.render(results, list(measured)), encoding="utf-8")
    page.write_text(report_page.render(dataset, measured, results, audit), encoding="utf-8")
    return [*written, tables, page]
