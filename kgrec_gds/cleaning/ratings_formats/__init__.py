"""Formats of user ratings, recognized by the first line. docs/how-to/read-another-ratings-format.md adds one."""

from kgrec_gds.cleaning.ratings_formats import comma_separated
from kgrec_gds.cleaning.ratings_formats.ratings_format import RatingsFormat

__all__ = ["FORMATS", "RatingsFormat", "recognize"]

#: Tried in this order.
FORMATS: tuple[RatingsFormat, ...] = (*comma_separated.FORMATS,)


def recognize(line: str) -> tuple[RatingsFormat, tuple[str, ...]] | None:
    """The format of a file and its columns in order, from its first line; None if no format matches."""
    for ratings_format in FORMATS:
        columns = ratings_format.columns(line)
        if columns is not None:
            return ratings_format, columns
    return None
