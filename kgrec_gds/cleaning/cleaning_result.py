"""The result of cleaning: a folder of clean tables, a report and a quarantine file."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import ibis

from kgrec_gds.cleaning.removal_reasons import EXPLANATIONS
from kgrec_gds.errors import InputError

#: Table -> its columns in order; each table is a Parquet file of that name.
TABLE_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "movies": ("tconst", "title", "year", "runtimeMinutes", "averageRating", "numVotes", "genres"),
    "persons": ("nconst", "name", "is_actor", "is_director", "is_writer"),
    "acted_in": ("nconst", "tconst", "ordering", "characters"),
    "directed": ("nconst", "tconst"),
    "wrote": ("nconst", "tconst"),
    "genres": ("name",),
    "has_genre": ("tconst", "name"),
    "ratings": ("userId", "tconst", "rating", "ratedAt"),
}
REPORT: Final = "report.json"
QUARANTINE: Final = "quarantine.csv"


@dataclass(frozen=True)
class CleaningResult:
    """Clean tables on disk, with their report."""

    folder: Path
    report: dict[str, Any]
    """Rules, counts by table and reason, and the quality report; see docs/cleaning.md."""

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The result of an earlier cleaning into `folder`.

        Raises:
            InputError: the folder has no report.
        """
        path = folder / REPORT
        if not path.is_file():
            raise InputError(f"No {REPORT} in {folder}; expected a folder of clean tables.")
        return cls(folder, json.loads(path.read_text(encoding="utf-8")))

    @property
    def counts(self) -> dict[str, int]:
        """Rows of each clean table, and the number of users."""
        return dict(self.report["rows"])

    @property
    def text(self) -> str:
        """The report as text."""
        return self.report_path.with_suffix(".txt").read_text(encoding="utf-8")

    @property
    def report_path(self) -> Path:
        """File of the report as JSON."""
        return self.folder / REPORT

    @property
    def quarantine_path(self) -> Path:
        """CSV of the quarantined rows: `file`, `line`, `kind`, `reason`, `row`."""
        return self.folder / QUARANTINE

    def path(self, table: str) -> Path:
        """Parquet file of a table of `TABLE_NAMES`, or folder of such files."""
        return self.folder / f"{table}.parquet"

    def connect(self) -> Any:
        """An Ibis connection to DuckDB with every clean table under its name."""
        return open_tables(self.folder)


def open_tables(folder: Path) -> Any:
    """An Ibis connection to DuckDB with every clean table of a folder under its name."""
    connection = ibis.duckdb.connect()
    for table in TABLE_NAMES:
        connection.read_parquet(table_files(folder, table), table_name=table)
    return connection


def table_files(folder: Path, table: str) -> list[str]:
    """The Parquet files of a clean table, in order: one, or the parts that Spark wrote."""
    path = folder / f"{table}.parquet"
    return sorted(map(str, path.glob("*.parquet"))) if path.is_dir() else [str(path)]


def as_text(report: dict[str, Any]) -> str:
    """The report as text: rows kept and removed by reason, and data quality."""
    lines = [f"Cleaned {report['created']}", "", "Clean tables (rows)"]
    lines += [f"  {name:<12} {rows:>12,}" for name, rows in report["rows"].items()]
    if warnings := report.get("warnings"):
        lines += ["", "Warnings", *(f"  {warning}" for warning in warnings)]
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
