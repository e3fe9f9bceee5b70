"""CSV files of user ratings, with or without a header line."""

import csv
import re
from typing import Final

from kgrec_gds.cleaning.ratings_formats.ratings_format import COLUMNS, RatingsFormat

#: Spellings of the header (letters only, lower case) -> our name.
_SPELLINGS: Final = {
    "userid": "user_id", "user": "user_id",
    "tconst": "tconst", "movieid": "tconst", "titleid": "tconst", "imdbid": "tconst",
    "rating": "rating", "userrating": "rating",
    "reviewdate": "rated_at", "date": "rated_at", "ratedat": "rated_at", "timestamp": "rated_at",
}  # fmt: skip
_TCONST: Final = re.compile(r"tt\d+")


def header_columns(line: str) -> tuple[str, ...]:
    """The columns that a header names, by our names where known."""
    names = (re.sub(r"[^a-z]", "", name.lower()) for name in _fields(line))
    return tuple(_SPELLINGS.get(name, name) for name in names)


def _fields(line: str) -> list[str]:
    return next(csv.reader([line], skipinitialspace=True), [])


def _with_header(line: str) -> tuple[str, ...] | None:
    columns = header_columns(line)
    return columns if set(COLUMNS) <= set(columns) and len(set(columns)) == len(columns) else None


def _without_header(line: str) -> tuple[str, ...] | None:
    fields = _fields(line)
    return COLUMNS if len(fields) == len(COLUMNS) and _TCONST.fullmatch(fields[1].strip()) else None


WITH_HEADER = RatingsFormat("CSV with a header", _with_header, has_header=True)
WITHOUT_HEADER = RatingsFormat("CSV without a header", _without_header, has_header=False)
