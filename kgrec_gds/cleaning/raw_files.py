"""The files of a data set: where they are, what their columns are, and faults of a file as a whole."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

import pyarrow as pa

from kgrec_gds.cleaning.ratings_formats import RatingsFormat, comma_separated, ratings_format, recognize
from kgrec_gds.cleaning.raw_bytes import blocks, check_regular, first_line, first_lines, is_parquet
from kgrec_gds.cleaning.raw_lines import (
    UNIT_SEPARATOR,
    csv_batches,
    has_rows,
    line_batches,
    parquet_batches,
    parquet_columns,
)
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
#: Name of the file of user ratings without suffix.
RATINGS_STEM: Final = "user_rating"
#: Our names of the columns of user ratings -> as the documented header spells them.
_RATINGS_HEADER: Final = dict(
    zip(ratings_format.COLUMNS, ("userID", "tconst", "rating", "review_date"), strict=True)
)
#: Suffixes of a table in the order in which they are looked for, without regard to case.
_TABLE_SUFFIXES: Final = (".tsv.gz", ".tsv", ".parquet")
_RATINGS_SUFFIXES: Final = (".csv", ".csv.gz", ".parquet")
#: Suffixes of files that are a table's, but are not read.
_OTHER_SUFFIXES: Final = (
    *(f".{kind}{pack}" for kind in ("tsv", "csv", "txt") for pack in (".zip", ".xz", ".bz2", ".zst", ".7z", ".rar")),
    ".zip", ".gz", ".xz", ".bz2", ".zst", ".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".xlsx", ".xls", ".json",
)  # fmt: skip
_RATINGS_NAME: Final = re.compile(
    r"(?i)(my_?|user_?|imdb_?)?(ratings?|reviews?)[^.]*\.(csv|dat|tsv|txt|parquet)(\.gz)?|u\.data"
)
_SEPARATOR_LINE: Final = re.compile(r'(?i)"?sep=([,;\t|])"?')


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
    skip: int = 1
    """Number of lines above the first row."""
    parquet_columns: tuple[str, ...] = ()
    """Of a Parquet file, the columns we read as the file names them; empty for text."""
    movie_column: str = ""
    """How the header of user ratings spells the movie, letters only and in lower case; empty without a header."""

    @property
    def separator(self) -> str:
        """What separates the fields in the texts of `batches`."""
        if self.parquet_columns:
            return UNIT_SEPARATOR
        if self.ratings_format is None:
            return "\t"
        return self.ratings_format.separator or UNIT_SEPARATOR

    @property
    def is_csv(self) -> bool:
        """Whether fields may be quoted, and hold line breaks."""
        return self.ratings_format is not None and self.ratings_format.separator is None

    @property
    def parse(self) -> Callable[..., Iterator[pa.RecordBatch]]:
        """What turns the blocks of a text file into rows; see `raw_lines.line_batches`."""
        if self.ratings_format is not None and self.is_csv:
            delimiter = self.ratings_format.delimiter
            return partial(csv_batches, skip=self.skip, fields=len(self.columns), delimiter=delimiter)
        return partial(line_batches, skip=self.skip)

    def batches(self, callback: Callable[[int], None] | None = None) -> Iterator[pa.RecordBatch]:
        """The file's rows, columns as in `raw_lines.SCHEMA`; a damaged file raises InputError while it is read.

        `callback` gets the number of bytes read so far.
        """
        if self.parquet_columns:
            return parquet_batches(self.path, self.parquet_columns)
        return self.parse(blocks(self.path, callback=callback))


def find_raw_files(imdb: Path, ratings: Path | None, user: str | None = None) -> dict[str, RawFile]:
    """All files of a data set by table, with checked first lines; an absent optional table has no entry.

    Without `ratings`, user ratings are those of `user_rating.csv` or `user_rating.csv.gz` in the folder, if any. `user` is
    who gave all of them, if the file does not say.

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
        path = find_file(imdb, stem)
        if path is not None:
            files[table] = _checked_table(table, path, needed)
        elif table not in OPTIONAL_TABLES:
            held = ", ".join(sorted(entry.name for entry in imdb.iterdir())[:12]) or "nothing"
            raise InputError(
                f"{imdb} lacks the required table {stem}.tsv.gz (or {stem}.tsv); it contains {held}. "
                "Download the table from IMDb's non-commercial datasets."
            )
    ratings = ratings or find_file(imdb, RATINGS_STEM)
    if ratings is not None:
        files[USER_RATINGS] = _checked_ratings(ratings, user)
    for table, file in files.items():
        if table in OPTIONAL_TABLES or file.parquet_columns or has_rows(file.path, skip=file.skip):
            continue
        raise InputError(
            f"{file.path} has no rows below its header; expected at least one row. Download or export it again."
        )
    return files


def find_file(folder: Path, stem: str) -> Path | None:
    """The file of a table or of user ratings in a folder, be it a broken link.

    Raises:
        InputError: there is one in a form that is not read only.
    """
    suffixes = _RATINGS_SUFFIXES if stem == RATINGS_STEM else _TABLE_SUFFIXES
    entries: dict[str, Path] = {}
    for entry in sorted(folder.iterdir(), key=lambda path: path.name, reverse=True):  # lower case goes first
        entries.setdefault(entry.name.lower(), entry)
    for suffix in suffixes:
        if stem + suffix in entries:
            return entries[stem + suffix]
    for suffix in _OTHER_SUFFIXES:
        if stem + suffix in entries:
            raise InputError(
                f"{entries[stem + suffix]} is not read; expected {stem} as one of {', '.join(suffixes)}. "
                "Unpack, export or rename it."
            )
    return None


def other_ratings(folder: Path) -> list[str]:
    """Names of files in the folder that may be user ratings, but are not called so."""
    return sorted(entry.name for entry in folder.iterdir() if _RATINGS_NAME.fullmatch(entry.name))


def _checked_table(table: str, path: Path, needed: tuple[str, ...]) -> RawFile:
    check_regular(path)
    if is_parquet(path):
        names = parquet_columns(path)
        if missing := [name for name in needed if name not in names]:
            raise InputError(
                f"{path} lacks the columns {', '.join(missing)}; it has {', '.join(names)}. Use IMDb's columns."
            )
        return RawFile(table, path, needed, needed, skip=0, parquet_columns=needed)
    line = first_line(path)
    columns = tuple(name.strip() for name in line.split("\t"))
    missing = [name for name in needed if name not in columns]
    if missing:
        problem = _wrong_separator(line, len(needed)) or f"lacks {', '.join(missing)}"
        raise InputError(
            f"Unexpected header in {path}: line 1 is {shown(line)}, which {problem}; expected the tab-separated columns "
            f"{', '.join(needed)}. Use IMDb's file unchanged."
        )
    if twice := [name for name in needed if columns.count(name) > 1]:
        raise InputError(f"The header of {path} names {', '.join(twice)} twice. Use IMDb's file unchanged.")
    return RawFile(table, path, columns, needed)


def _checked_ratings(path: Path, user: str | None) -> RawFile:
    check_regular(path)
    if is_parquet(path):
        names = parquet_columns(path)
        file = _recognized(path, ",".join(f'"{name}"' for name in names), 0)
        mapped = dict(zip(file.columns, names, strict=True))
        needed = tuple(name for name in file.needed if name in mapped)
        file = replace(file, columns=needed, parquet_columns=tuple(mapped[name] for name in needed), skip=0)
    else:
        lines = first_lines(path, 2)
        found = _SEPARATOR_LINE.fullmatch(lines[0].strip(" "))
        file = _recognized(path, lines[-1] if found and len(lines) > 1 else lines[0], 1 if found else 0)
    has_user = "user_id" in file.columns
    if not has_user and user is None:
        raise InputError(
            f"{path} has no column of user ids, like IMDb's export of one user's ratings. "
            "Pass --user NAME (user='NAME') to say whose ratings they are."
        )
    if has_user and user is not None:
        raise InputError(
            f"{path} has user ids of its own, so user {user!r} would be ignored. Leave --user out."
        )
    return replace(file, needed=tuple(name for name in file.needed if name in file.columns))


def _recognized(path: Path, line: str, above: int) -> RawFile:
    """A file of user ratings by its line `above` + 1."""
    recognized = recognize(line)
    if recognized is None:
        columns = comma_separated.header_columns(line)
        missing = [spelling for name, spelling in _RATINGS_HEADER.items() if name not in columns]
        problem = f"lacks {', '.join(missing)}" if missing else "names a column twice"
        raise InputError(
            f"Unknown format of user ratings in {path}: line {above + 1} is {shown(line)}, which {problem}; expected the "
            f"comma-separated columns {','.join(_RATINGS_HEADER.values())}, with or without a header. Rename or "
            f"reorder the columns.{_advice(line)}"
        )
    found, columns = recognized
    spelled = ""
    if found.has_header and found.separator is None:
        spelled = comma_separated.spellings(line, found.delimiter)[columns.index("tconst")]
    skip = above + found.has_header
    return RawFile(USER_RATINGS, path, columns, ratings_format.COLUMNS, found, skip, movie_column=spelled)


def _advice(line: str) -> str:
    if line.count("::") == len(_RATINGS_HEADER) - 1:
        return " MovieLens's and MovieTweetings' files: kgrec-gds fetch movielens, or fetch movietweetings."
    if "letterboxd" in line.lower():
        return " Letterboxd's export has no IMDb ids; IMDb's own export of your ratings has them."
    return ""


def _wrong_separator(line: str, columns: int) -> str | None:
    for separator, name in comma_separated.DELIMITERS.items():
        if separator != "\t" and line.count(separator) >= columns - 1 > line.count("\t"):
            return f"is separated by {name} instead of tabs"
    return None


def shown(line: str) -> str:
    """A line as a message quotes it, cut and without control characters."""
    return repr(line if len(line) <= 80 else line[:77] + "...") if line else "empty"
