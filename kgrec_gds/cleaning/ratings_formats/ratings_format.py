"""What a format of user ratings has to define."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from kgrec_gds.cleaning.expressions import decimal, epoch_seconds

COLUMNS: Final = ("user_id", "tconst", "rating", "rated_at")


def standard_values(rows: Any) -> dict[str, Any]:
    """Values of a file that states ids, ratings on 1-10 and dates; padding with spaces is removed."""
    return {
        "userId": rows.user_id.strip().nullif(""),
        "tconst": rows.tconst.strip().nullif(""),
        "rating": decimal(rows.rating.strip()),
        "ratedAt": epoch_seconds(rows.rated_at.strip()),
    }


@dataclass(frozen=True)
class RatingsFormat:
    """A format of user ratings: one rating per line, with a user, a movie, a rating and a time."""

    name: str
    columns: Callable[[str], tuple[str, ...] | None]
    """First line of a file -> names of its columns in order, `COLUMNS` among them; None if it has another format."""
    has_header: bool
    separator: str | None = None
    """Between the fields of a line. None means CSV: commas, and quoted fields that may hold commas and line breaks."""
    values: Callable[[Any], dict[str, Any]] = standard_values
    """Raw table with the text columns `COLUMNS` -> Ibis expressions of `userId` and `tconst` (strings), `rating`
    (float, 1-10) and `ratedAt` (integer, epoch seconds UTC). A null marks the row as faulty."""
