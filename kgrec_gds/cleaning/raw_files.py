"""The files of a data set: where they lie, what their columns are, and what is wrong with them as a whole."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa

from kgrec_gds.cleaning.raw_lines import UNIT_SEPARATOR, csv_batches, first_line, has_rows, line_batches
from kgrec_gds.errors import InputError

#: Table -> name of its file without `.tsv(.gz)`, and the columns we read.
TABLES: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "basics": (
        "title.basics",
        ("tconst", "titleType", "primaryTitle", "startYear", "runtimeMinutes", "genres"),
    ),
    "crew": ("title.crew", ("tconst", "directors", "writers")),
    "principals": ("title.principals", ("tconst", "ordering", "nconst", "category", "characters")),
    "names": ("name.basics", ("nconst", "primaryName")),
    "title_ratings": ("title.ratings", ("tconst", "averageRating", "numVotes")),
    "episodes": ("title.episode", ("tconst", "parentTconst")),
}
OPTIONAL_TABLES: Final = ("title_ratings", "episodes")
USER_RATINGS: Final = "user_ratings"
#: As the file's header spells them, and as we call them.
USER_RATING_COLUMNS: Final = ("userID", "tconst", "rating", "review_date")
USER_RATING_NAMES: Final = ("user_id", "tconst", "rating", "review_date")
#: Spellings of the columns of user ratings in the wild (letters only, lower case) -> our name.
_ALIASES: Final = {
    "userid": "user_id", "user": "user_id",
    "tconst": "tconst", "movieid": "tconst", "titleid": "tconst", "imdbid": "tconst",
    "rating": "rating", "userrating": "rating",
    "reviewdate": "review_date", "date": "review_date", "ratedat": "review_date", "timestamp": "review_date",
}  # fmt: skip
_TCONST: Final = re.compile(r"tt\d+")


@dataclass(frozen=True)
class Source:
    """One raw file whose header was checked."""

    table: str
    """Key of `TABLES`, or `user_ratings`."""
    path: Path
    columns: tuple[str, ...]
    """The file's columns in their order, by our names."""
    needed: tuple[str, ...]
    """The columns we read."""
    has_header: bool = True

    @property
    def separator(self) -> str:
        """What stands between the fields of a text of `batches`."""
        return UNIT_SEPARATOR if self.table == USER_RATINGS else "\t"

    @property
    def is_empty(self) -> bool:
        """Whether the file holds no row besides its header."""
        return not has_rows(self.path, header=self.has_header)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The file's rows, columns as in `lines.SCHEMA`; a damaged file raises InputError while it is read."""
        if self.table == USER_RATINGS:
            return csv_batches(self.path, header=self.has_header, fields=len(self.columns))
        return line_batches(self.path, header=self.has_header)


def find_sources(imdb: Path, ratings: Path | None) -> dict[str, Source]:
    """All files of a data set by table, headers checked; an optional table that is absent has no entry.

    Args:
        imdb: folder of IMDb's tables.
        ratings: file of user ratings; None means `user_rating.csv` or `user_rating.csv.gz` in the folder, if any.

    Raises:
        InputError: no such folder, a required table is missing, or a file is not what its name says.
    """
    if not imdb.is_dir():
        found = "is a file" if imdb.exists() else "does not exist"
        raise InputError(
            f"--imdb should name a folder of IMDb's tables (title.basics.tsv.gz and so on); {imdb} {found}. Check the path."
        )
    sources = {}
    for table, (stem, needed) in TABLES.items():
        path = _table_file(imdb, stem)
        if path is not None:
            sources[table] = _checked_table(table, path, needed)
        elif table not in OPTIONAL_TABLES:
            held = ", ".join(sorted(entry.name for entry in imdb.iterdir())[:12]) or "nothing"
            raise InputError(
                f"{imdb} should hold the required table {stem}.tsv.gz (or {stem}.tsv), but it is missing; the folder holds "
                f"{held}. Get it from IMDb's non-commercial data sets."
            )
    rating_file = ratings if ratings is not None else _default_ratings(imdb)
    if rating_file is not None:
        sources[USER_RATINGS] = _checked_ratings(rating_file)
    for table, source in sources.items():
        if table not in OPTIONAL_TABLES and source.is_empty:
            raise InputError(
                f"{source.path} should hold at least one row below its header, but there is none. "
                "Download or export it again."
            )
    return sources


def _table_file(imdb: Path, stem: str) -> Path | None:
    candidates = (imdb / f"{stem}.tsv.gz", imdb / f"{stem}.tsv")
    return next((path for path in candidates if path.exists()), None)


def _default_ratings(imdb: Path) -> Path | None:
    candidates = (imdb / "user_rating.csv", imdb / "user_rating.csv.gz")
    return next((path for path in candidates if path.exists()), None)


def _checked_table(table: str, path: Path, needed: tuple[str, ...]) -> Source:
    line = first_line(path)
    columns = tuple(name.strip() for name in line.split("\t"))
    missing = [name for name in needed if name not in columns]
    if missing:
        raise InputError(
            f"{path} should start with a tab-separated header that names {', '.join(needed)}; line 1 is {_shown(line)}, "
            f"{_delimiter_hint(line, needed) or 'without ' + ', '.join(missing)}. Use IMDb's file unchanged."
        )
    return Source(table, path, columns, needed)


def _checked_ratings(path: Path) -> Source:
    if not path.is_file():
        found = "is a folder" if path.is_dir() else "does not exist"
        raise InputError(f"--ratings should name a CSV file of user ratings; {path} {found}. Check the path.")
    line = first_line(path)
    fields = next(csv.reader([line], skipinitialspace=True), [])
    if len(fields) == len(USER_RATING_COLUMNS) and _TCONST.fullmatch(fields[1].strip()):
        return Source(USER_RATINGS, path, USER_RATING_NAMES, USER_RATING_NAMES, has_header=False)
    names = [re.sub(r"[^a-z]", "", name.lower()) for name in fields]
    columns = tuple(_ALIASES.get(name, name) for name in names)
    missing = [
        shown
        for shown, name in zip(USER_RATING_COLUMNS, USER_RATING_NAMES, strict=True)
        if name not in columns
    ]
    if missing or len(set(columns)) != len(columns):
        problem = _delimiter_hint(line, USER_RATING_COLUMNS) or (
            f"without {', '.join(missing)}" if missing else "with a column twice"
        )
        raise InputError(
            f"{path} should have the comma-separated columns {','.join(USER_RATING_COLUMNS)}, with a header or none; "
            f"line 1 is {_shown(line)}, {problem}. Reorder or rename its columns."
        )
    return Source(USER_RATINGS, path, columns, USER_RATING_NAMES)


def _delimiter_hint(line: str, needed: tuple[str, ...]) -> str | None:
    expected = "," if needed == USER_RATING_COLUMNS else "\t"
    names = {"\t": "tabs", ",": "commas", ";": "semicolons", "|": "bars"}
    for other, name in names.items():
        if (
            other != expected
            and line.count(other) >= len(needed) - 1
            and line.count(expected) < len(needed) - 1
        ):
            return f"separated by {name} instead of {names[expected]}"
    return None


def _shown(line: str) -> str:
    return repr(line if len(line) <= 80 else line[:77] + "...") if line else "empty"
