"""CSV files of user ratings, with or without a header line."""

import csv
import re
from functools import partial
from typing import Final

from kgrec_gds.cleaning.ratings_formats.ratings_format import COLUMNS, RatingsFormat

#: What may separate the fields, the usual one first.
DELIMITERS: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
#: Spellings of the header (letters only, lower case) -> our name.
_SPELLINGS: Final = {
    "userid": "user_id", "user": "user_id",
    "tconst": "tconst", "movieid": "tconst", "titleid": "tconst", "imdbid": "tconst", "const": "tconst",
    "imdbtitleid": "tconst",
    "rating": "rating", "userrating": "rating", "yourrating": "rating",
    "reviewdate": "rated_at", "date": "rated_at", "ratedat": "rated_at", "timestamp": "rated_at",
    "daterated": "rated_at",
}  # fmt: skip
_MOVIE: Final = re.compile(r"(?i)(?:.*imdb\.com/title/)?(?:tt)?\d+(?:\.0+)?(?:[/?].*)?")
_RATING: Final = re.compile(r"-?\d+([.,]\d+)?")
_TIME: Final = re.compile(r"\d{9,}(\.\d+)?|.*\b\d{4}\b.*")


def spellings(line: str, delimiter: str = ",") -> tuple[str, ...]:
    """The names in a header, letters only and in lower case."""
    return tuple(re.sub(r"[^a-z]", "", name.lower()) for name in _fields(line, delimiter))


def header_columns(line: str, delimiter: str = ",") -> tuple[str, ...]:
    """The columns that a header names, by our names where known."""
    return tuple(_SPELLINGS.get(name, name) for name in spellings(line, delimiter))


def _fields(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])


def _with_header(line: str, delimiter: str) -> tuple[str, ...] | None:
    columns = header_columns(line, delimiter)
    counts = [columns.count(name) for name in COLUMNS]
    # The file of one user may lack that column only.
    return columns if counts in ([1] * len(COLUMNS), [0, *[1] * (len(COLUMNS) - 1)]) else None


def _without_header(line: str, delimiter: str) -> tuple[str, ...] | None:
    fields = [field.strip() for field in _fields(line, delimiter)]
    if len(fields) != len(COLUMNS):
        return None
    checks = zip(fields[1:], (_MOVIE, _RATING, _TIME), strict=True)
    # An id of IMDb's is enough: a wrong rating or date is a fault of that row.
    sound = re.fullmatch(r"(?i)tt\d+", fields[1]) or all(
        pattern.fullmatch(field) for field, pattern in checks
    )
    return COLUMNS if sound else None


def _format(delimiter: str, *, has_header: bool) -> RatingsFormat:
    columns = partial(_with_header if has_header else _without_header, delimiter=delimiter)
    name = f"CSV {'with' if has_header else 'without'} a header"
    if delimiter != ",":
        name += f", separated by {DELIMITERS[delimiter]}"
    return RatingsFormat(name, columns, has_header=has_header, delimiter=delimiter)


FORMATS: Final = tuple(
    _format(delimiter, has_header=has_header) for delimiter in DELIMITERS for has_header in (False, True)
)
