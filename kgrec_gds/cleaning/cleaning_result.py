"""The result of `prepare`: a folder of clean tables, a report and a quarantine file."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import ibis

from kgrec_gds.errors import InputError

#: Table -> its columns, in their order; each is a parquet file of that name.
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
class Prepared:
    """Clean tables on disk, and what was done to get them."""

    folder: Path
    report: dict[str, Any]
    """Settings, counts by table and reason, and the quality report; see docs/cleaning.md."""

    @classmethod
    def open(cls, folder: Path) -> Self:
        """What an earlier `prepare` left in `folder`.

        Raises:
            InputError: there is no such result.
        """
        path = folder / REPORT
        if not path.is_file():
            raise InputError(
                f"{folder} should hold prepared tables, but has no {REPORT}. Prepare them first."
            )
        return cls(folder, json.loads(path.read_text(encoding="utf-8")))

    @property
    def counts(self) -> dict[str, int]:
        """Rows by clean table."""
        return dict(self.report["rows"])

    @property
    def text(self) -> str:
        """The report for a person."""
        return self.report_text_path.read_text(encoding="utf-8")

    @property
    def report_path(self) -> Path:
        """The report as JSON."""
        return self.folder / REPORT

    @property
    def report_text_path(self) -> Path:
        """The report as text."""
        return (self.folder / REPORT).with_suffix(".txt")

    @property
    def quarantine_path(self) -> Path:
        """CSV of the rows set aside: `file`, `line`, `kind`, `reason`, `row`."""
        return self.folder / QUARANTINE

    def path(self, table: str) -> Path:
        """Parquet file of a table of `TABLE_NAMES`."""
        return self.folder / f"{table}.parquet"

    def connect(self) -> Any:
        """An Ibis connection to DuckDB that holds every clean table under its name."""
        connection = ibis.duckdb.connect()
        for table in TABLE_NAMES:
            connection.read_parquet(self.path(table), table_name=table)
        return connection
