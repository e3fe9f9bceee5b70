"""The result of cleaning: a folder of clean tables, a report and a quarantine file."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import ibis

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
        return self.report_text_path.read_text(encoding="utf-8")

    @property
    def report_path(self) -> Path:
        """File of the report as JSON."""
        return self.folder / REPORT

    @property
    def report_text_path(self) -> Path:
        """File of the report as text."""
        return (self.folder / REPORT).with_suffix(".txt")

    @property
    def quarantine_path(self) -> Path:
        """CSV of the quarantined rows: `file`, `line`, `kind`, `reason`, `row`."""
        return self.folder / QUARANTINE

    def path(self, table: str) -> Path:
        """Parquet file of a table of `TABLE_NAMES`."""
        return self.folder / f"{table}.parquet"

    def connect(self) -> Any:
        """An Ibis connection to DuckDB with every clean table under its name."""
        connection = ibis.duckdb.connect()
        for table in TABLE_NAMES:
            connection.read_parquet(self.path(table), table_name=table)
        return connection
