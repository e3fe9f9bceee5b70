"""Complete a folder of new rows with the movies of the database, so that it can be cleaned."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kgrec_gds.cleaning.raw_bytes import blocks, check_regular, first_line
from kgrec_gds.cleaning.raw_files import RATINGS_STEM, TABLES, find_file
from kgrec_gds.errors import InputError
from kgrec_gds.leftovers import temporary_folder

if TYPE_CHECKING:
    from kgrec_gds.database.connection import Connection

_BASICS = "title.basics"
_HEADERS = {
    _BASICS: "tconst titleType primaryTitle originalTitle isAdult startYear endYear runtimeMinutes genres",
    "title.crew": "tconst directors writers",
    "title.principals": "tconst ordering nconst category job characters",
    "name.basics": "nconst primaryName birthYear deathYear primaryProfession knownForTitles",
}
#: A row that cleaning removes, since it is not an actor; a required table must not be empty.
_PLACEHOLDER = {"category": "self", "ordering": "1"}


@dataclass(frozen=True)
class UpdateFolder:
    """A folder that cleaning accepts."""

    folder: Path
    added_movies: int
    """Movies of the database that the folder itself lacks."""


@contextmanager
def update_folder(connection: "Connection", imdb: Path, ratings: Path | str | None) -> Iterator[UpdateFolder]:
    """A temporary copy of `imdb` with all required tables and all movies of the database.

    Cleaning removes ratings and people of unknown titles, but most new ratings are of movies that are in the database
    already. An added row has only the key and the year, so merging it changes nothing.

    Raises:
        InputError: the folder does not exist, or has nothing to add.
    """
    if not imdb.is_dir():
        raise InputError(f"{imdb} is not a folder; expected a folder of new rows. Check the path.")
    found = {stem: find_file(imdb, stem) for stem in (RATINGS_STEM, *(stem for stem, _ in TABLES.values()))}
    given = {stem: path for stem, path in found.items() if path is not None}
    for path in given.values():
        check_regular(path)
    if ratings is None and RATINGS_STEM not in given and not given.keys() & _HEADERS.keys():
        raise InputError(
            f"Nothing to add in {imdb}; expected user_rating.csv[.gz], or IMDb tables such as title.basics.tsv.gz."
        )
    years = {row["tconst"]: row["year"] for row in connection.run("loading/known_movies")}
    with temporary_folder("update") as folder:
        for stem, path in given.items():
            if stem != _BASICS:
                (folder / path.name).symlink_to(path.absolute())
        added = _write_basics(folder, given.get(_BASICS), years)
        for table in _HEADERS:
            if table != _BASICS and table not in given:
                _write_empty(folder, table, next(iter(years), "tt0"))
        yield UpdateFolder(folder, added)


def _write_basics(folder: Path, given: Path | None, years: dict[str, int | None]) -> int:
    """Write the given table and, below it, the movies that only the database has; return their number."""
    header = "\t".join(_HEADERS[_BASICS].split()) if given is None else first_line(given)
    columns = [name.strip() for name in header.split("\t")]
    # Without the column no id is known, and cleaning refuses the table.
    at = columns.index("tconst") if "tconst" in columns else len(columns)
    known: set[str] = set()
    with (folder / f"{_BASICS}.tsv").open("wb") as file:
        for block in [f"{header}\n".encode()] if given is None else blocks(given):
            file.write(block)
            for line in block.decode(errors="replace").split("\n"):
                known.update(line.split("\t", at + 1)[at : at + 1])
        missing = [tconst for tconst in years if tconst not in known]
        for tconst in missing:
            row = {"tconst": tconst, "titleType": "movie", "startYear": str(years[tconst] or "\\N")}
            file.write(_line(columns, row).encode())
    return sum(years[tconst] is not None for tconst in missing)


def _write_empty(folder: Path, table: str, tconst: str) -> None:
    columns = _HEADERS[table].split()
    row = {"tconst": tconst, "nconst": "nm0", **_PLACEHOLDER}
    text = "\t".join(columns) + "\n" + _line(columns, row)
    (folder / f"{table}.tsv").write_text(text, encoding="utf-8")


def _line(columns: list[str], values: dict[str, str]) -> str:
    return "\t".join(values.get(column, "\\N") for column in columns) + "\n"
