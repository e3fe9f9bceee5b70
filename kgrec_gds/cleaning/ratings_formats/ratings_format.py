"""What a format of user ratings has to define."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from kgrec_gds.cleaning.expressions import decimal, epoch_seconds, imdb_id, stripped

COLUMNS: Final = ("user_id", "tconst", "rating", "rated_at")


def standard_values(rows: Any) -> dict[str, Any]:
    """Values of a file that states ids, ratings and dates; padding with spaces is removed."""
    return {
        "userId": stripped(rows.user_id).nullif(""),
        "tconst": imdb_id(rows.tconst, "tt", bare=True),
        "rating": decimal(stripped(rows.rating).replace(",", ".")),
        "ratedAt": epoch_seconds(stripped(rows.rated_at)),
    }


@dataclass(frozen=True)
class RatingsFormat:
    """A format of user ratings: one rating per line, with a user, a movie, a rating and a time."""

    name: str
    columns: Callable[[str], tuple[str, ...] | None]
    """First line of a file -> names of its columns in order, `COLUMNS` among them; None if it has another format.

    `user_id` may be absent: the user is then named by the option `user`."""
    has_header: bool
    separator: str | None = None
    """Between the fields of a line. None means CSV: a delimiter, and quoted fields that may hold it and line breaks."""
    delimiter: str = ","
    """Between the fields of CSV."""
    values: Callable[[Any], dict[str, Any]] = standard_values
    """Raw table with the text columns `COLUMNS` -> Ibis expressions of `userId` and `tconst` (strings), `rating`
    (float, on the scale `rating_scale`) and `ratedAt` (integer, epoch seconds UTC). A null marks the row as faulty."""
