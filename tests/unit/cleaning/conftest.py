"""A small data set in IMDb's format that tests change before writing it."""

import csv
import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from kgrec_gds.cleaning import CleaningResult, CleaningRules, clean

FILES = {
    "basics": "title.basics.tsv.gz",
    "crew": "title.crew.tsv.gz",
    "principals": "title.principals.tsv.gz",
    "names": "name.basics.tsv.gz",
    "title_ratings": "title.ratings.tsv.gz",
    "episodes": "title.episode.tsv.gz",
}
HEADERS = {
    "basics": "tconst titleType primaryTitle originalTitle isAdult startYear endYear runtimeMinutes genres",
    "crew": "tconst directors writers",
    "principals": "tconst ordering nconst category job characters",
    "names": "nconst primaryName birthYear deathYear primaryProfession knownForTitles",
    "title_ratings": "tconst averageRating numVotes",
    "episodes": "tconst parentTconst seasonNumber episodeNumber",
}


@dataclass
class Raw:
    """Tables as lists of lines without line feeds, header first; line n of the file is `lines[n - 1]`."""

    folder: Path
    tables: dict[str, list[str]] = field(default_factory=dict)
    ratings: list[str] = field(default_factory=list)

    def add(self, table: str, *fields: str) -> int:
        """Append a row; returns its line number in the file."""
        self.tables[table].append("\t".join(fields))
        return len(self.tables[table])

    def rate(self, user: str, tconst: str, rating: str, date: str) -> int:
        """Append a rating; returns its line number in the file."""
        self.ratings.append(f"{user},{tconst},{rating},{date}")
        return len(self.ratings)

    def write(self) -> Path:
        """Write all files."""
        for table, lines in self.tables.items():
            text = "".join(f"{line}\n" for line in lines)
            (self.folder / FILES[table]).write_bytes(gzip.compress(text.encode()))
        if self.ratings:
            text = "".join(f"{line}\n" for line in self.ratings)
            (self.folder / "user_rating.csv.gz").write_bytes(gzip.compress(text.encode()))
        return self.folder


@pytest.fixture
def raw(tmp_path: Path) -> Raw:
    """40 movies, each with its director and writer and two actors; 10 users, each having rated 20 of them."""
    folder = tmp_path / "imdb"
    folder.mkdir()
    data = Raw(folder, {table: [header.replace(" ", "\t")] for table, header in HEADERS.items()})
    data.ratings.append("userID,tconst,rating,review_date")
    for n in range(40):
        tconst, genres = f"tt{n:07d}", "Drama,Comedy" if n % 2 else "Drama"
        data.add(
            "basics", tconst, "movie", f"Movie {n}", f"Movie {n}", "0", str(1980 + n), "\\N", "90", genres
        )
        data.add("crew", tconst, f"nm{n % 5:07d}", f"nm{n % 7 + 10:07d}")
        data.add("principals", tconst, "1", f"nm{n % 8 + 20:07d}", "actor", "\\N", '["Hero"]')
        data.add("principals", tconst, "2", f"nm{n % 9 + 30:07d}", "actress", "\\N", "\\N")
        data.add("principals", tconst, "3", f"nm{n % 5:07d}", "director", "\\N", "\\N")
        data.add("title_ratings", tconst, "7.5", str(400 + 10 * n))
    for n in range(40):
        data.add("names", f"nm{n:07d}", f"Person {n}", "\\N", "\\N", "\\N", "\\N")
    for user in range(10):
        for n in range(20):
            data.rate(
                f"u{user}",
                f"tt{(n + user) % 40:07d}",
                str(n % 10 + 1),
                f"2020-01-{n + 1:02d}T10:00:{user:02d}Z",
            )
    return data


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., CleaningResult]:
    """Write a `Raw` and clean it; keyword arguments are cleaning rules."""

    def clean_it(
        data: Raw, ratings: Path | None = None, preset: str = "default", **changes: Any
    ) -> CleaningResult:
        return clean(data.write(), ratings, CleaningRules.preset(preset, **changes), out=tmp_path / "out")

    return clean_it


def rows_of(result: CleaningResult, table: str) -> list[dict[str, Any]]:
    """A clean table as dictionaries."""
    connection = result.connect()
    try:
        return connection.table(table).to_pyarrow().to_pylist()
    finally:
        connection.disconnect()


@pytest.fixture
def rows() -> Callable[[CleaningResult, str], list[dict[str, Any]]]:
    """Reads a clean table as dictionaries."""
    return rows_of


@pytest.fixture
def quarantined() -> Callable[[CleaningResult], list[dict[str, Any]]]:
    """Reads the quarantine file; `line` as a number."""

    def read(result: CleaningResult) -> list[dict[str, Any]]:
        with result.quarantine_path.open(encoding="utf-8", newline="") as file:
            return [{**row, "line": int(row["line"])} for row in csv.DictReader(file)]

    return read
