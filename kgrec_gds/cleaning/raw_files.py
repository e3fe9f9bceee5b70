"""The files of a data set: where they are, what their columns are, and faults of a file as a whole."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa

from kgrec_gds.cleaning.ratings_formats import RatingsFormat, comma_separated, ratings_format, recognize
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
#: Our names of the columns of user ratings -> as the documented header spells them.
_RATINGS_HEADER: Final = dict(
    zip(ratings_format.COLUMNS, ("userID", "tconst", "rating", "review_date"), strict=True)
)
_SEPARATORS: Final = {"\t": "tabs", ",": "commas", ";": "semicolons", "|": "bars"}


@dataclass(frozen=True)
class RawFile:
    """One raw file whose first line was checked."""

    table: str
    """Key of `TABLES`, or `user_ratings`."""
    path: Path
    columns: tuple[str, ...]
    """All columns of the file in order, by our names."""
    needed: tuple[str, ...]
    """The columns we read."""
    ratings_format: RatingsFormat | None = None
    """Format of user ratings; None for IMDb's tables."""

    @property
    def separator(self) -> str:
        """What separates the fields in the texts of `batches`."""
        if self.ratings_format is None:
            return "\t"
        return self.ratings_format.separator or UNIT_SEPARATOR

    @property
    def has_header(self) -> bool:
        """Whether the first line names the columns."""
        return self.ratings_format is None or self.ratings_format.has_header

    def batches(self, callback: Callable[[int], None] | None = None) -> Iterator[pa.RecordBatch]:
        """The file's rows, columns as in `raw_lines.SCHEMA`; a damaged file raises InputError while it is read.

        `callback` gets the number of bytes read so far.
        """
        if self.ratings_format is not None and self.ratings_format.separator is None:
            return csv_batches(self.path, header=self.has_header, fields=len(self.columns), callback=callback)
        return line_batches(self.path, header=self.has_header, callback=callback)


def find_raw_files(imdb: Path, ratings: Path | None) -> dict[str, RawFile]:
    """All files of a data set by table, with checked first lines; an absent optional table has no entry.

    Without `ratings`, user ratings are those of `user_rating.csv` or `user_rating.csv.gz` in the folder, if any.

    Raises:
        InputError: the folder or a required table is missing, or a file does not have its format.
    """
    if not imdb.is_dir():
        problem = "is not a folder" if imdb.exists() else "does not exist"
        raise InputError(
            f"{imdb} {problem}; expected a folder of IMDb's tables (title.basics.tsv.gz and so on). Check the path."
        )
    files = {}
    for table, (stem, needed) in TABLES.items():
        path = _first_existing(imdb, f"{stem}.tsv.gz", f"{stem}.tsv")
        if path is not None:
            files[table] = _checked_table(table, path, needed)
        elif table not in OPTIONAL_TABLES:
            held = ", ".join(sorted(entry.name for entry in imdb.iterdir())[:12]) or "nothing"
            raise InputError(
                f"{imdb} lacks the required table {stem}.tsv.gz (or {stem}.tsv); it contains {held}. "
                "Download the table from IMDb's non-commercial datasets."
            )
    ratings = ratings or _first_existing(imdb, "user_rating.csv", "user_rating.csv.gz")
    if ratings is not None:
        files[USER_RATINGS] = _checked_ratings(ratings)
    for table, file in files.items():
        if table not in OPTIONAL_TABLES and not has_rows(file.path, header=file.has_header):
            raise InputError(
                f"{file.path} has no rows below its header; expected at least one row. Download or export it again."
            )
    return files


def _first_existing(folder: Path, *names: str) -> Path | None:
    return next((folder / name for name in names if (folder / name).exists()), None)


def _checked_table(table: str, path: Path, needed: tuple[str, ...]) -> RawFile:
    line = first_line(path)
    columns = tuple(name.strip() for name in line.split("\t"))
    missing = [name for name in needed if name not in columns]
    if missing:
        problem = _wrong_separator(line, "\t", len(needed)) or f"lacks {', '.join(missing)}"
        raise InputError(
            f"Unexpected header in {path}: line 1 is {_shown(line)}, which {problem}; expected the tab-separated columns "
            f"{', '.join(needed)}. Use IMDb's file unchanged."
        )
    return RawFile(table, path, columns, needed)


def _checked_ratings(path: Path) -> RawFile:
    if not path.is_file():
        problem = "is a folder" if path.is_dir() else "does not exist"
        raise InputError(f"{path} {problem}; expected a file of user ratings. Check the path.")
    line = first_line(path)
    recognized = recognize(line)
    if recognized is None:
        columns = comma_separated.header_columns(line)
        missing = [spelling for name, spelling in _RATINGS_HEADER.items() if name not in columns]
        problem = _wrong_separator(line, ",", len(_RATINGS_HEADER)) or (
            f"lacks {', '.join(missing)}" if missing else "names a column twice"
        )
        raise InputError(
            f"Unknown format of user ratings in {path}: line 1 is {_shown(line)}, which {problem}; expected the "
            f"comma-separated columns {','.join(_RATINGS_HEADER.values())}, with or without a header. Rename or "
            "reorder the columns."
        )
    found, columns = recognized
    return RawFile(USER_RATINGS, path, columns, ratings_format.COLUMNS, found)


def _wrong_separator(line: str, expected: str, columns: int) -> str | None:
    for other, name in _SEPARATORS.items():
        if other != expected and line.count(other) >= columns - 1 > line.count(expected):
            return f"is separated by {name} instead of {_SEPARATORS[expected]}"
    return None


def _shown(line: str) -> str:
    return repr(line if len(line) <= 80 else line[:77] + "...") if line else "empty"
