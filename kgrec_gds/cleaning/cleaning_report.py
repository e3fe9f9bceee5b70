"""The cleaning report as JSON and as text."""

import json
from pathlib import Path
from typing import Any

from kgrec_gds.cleaning.removal_reasons import EXPLANATIONS


def write_json(report: dict[str, Any], path: Path) -> None:
    """Write the report as indented JSON."""
    path.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def as_text(report: dict[str, Any]) -> str:
    """The report as text: rows kept and removed by reason, and data quality."""
    lines = [f"Cleaned {report['created']}", "", "Clean tables (rows)"]
    lines += [f"  {name:<12} {rows:>12,}" for name, rows in report["rows"].items()]
    for table, count in report["tables"].items():
        lines += [
            "",
            f"{table} ({count['file']}): {count['rows_in']:,} rows read, {count['rows_kept']:,} kept",
        ]
        for title, kind in (("faulty", "faults"), ("unknown", "unknown"), ("removed", "removed")):
            lines += [
                f"  {title:<8} {rows:>10,}  {reason}: {EXPLANATIONS[reason]}"
                for reason, rows in count[kind].items()
            ]
    for part in ("completeness", "consistency", "timeliness", "representativeness", "privacy"):
        lines += ["", part.capitalize(), *_indented(report[part])]
    return "\n".join(lines) + "\n"


def _indented(values: dict[str, Any], depth: int = 1) -> list[str]:
    lines = []
    for name, value in values.items():
        label = f"{'  ' * depth}{name.replace('_', ' ') if depth == 1 else name}"
        if isinstance(value, dict) and value:
            lines += [label, *_indented(value, depth + 1)]
        else:
            shown = f"{value:.4g}" if isinstance(value, float) else value or (0 if value == 0 else "none")
            lines.append(f"{label}: {shown}")
    return lines
