"""What the values of user ratings say about the whole file: another scale, or ids that are not IMDb's."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from kgrec_gds.errors import InputError
from kgrec_gds.schema import MAX_RATING, MIN_RATING

#: Fewer ratings say nothing about their scale, unless they have halves.
_FEW: Final = 5
#: From so many on, ratings of at most 5 are taken for stars, and zeros for a scale that starts at 0.
_ENOUGH: Final = 20
#: From so many on, ratings of at most 7 are not taken for ratings on 1-10.
_MANY: Final = 50
#: Share of ratings that may be typing errors.
_STRAY: Final = 0.02
#: Share of zeros that is no typing error.
_ZEROS: Final = 0.03
#: Greatest ratings of usual scales.
_GREATEST: Final = (20, 50, 100, 1000)
#: Spellings of a movie column that are IMDb's id for certain.
_IMDB_COLUMNS: Final = ("tconst", "imdbid", "imdbtitleid", "const")


@dataclass(frozen=True)
class RatingsProfile:
    """Counts over the rows of a file of user ratings whose rating is a number."""

    ratings: int
    least: float
    greatest: float
    zeros: int
    negative: int
    below_1: int
    above_1: int
    above_5: int
    above_7: int
    above_10: int
    fractions: int
    """Ratings that are no whole numbers."""
    bare_ids: int
    """Movies that are numbers without leading zeros."""
    epoch_times: int

    @classmethod
    def of(cls, engine: Any, rows: Any) -> Self:
        """The profile of rows with `rating`, `bare_id` and `epoch_time`."""
        rating = rows.rating
        counts = {
            "zeros": rating == 0, "negative": rating < 0, "below_1": rating < 1, "above_1": rating > 1,
            "above_5": rating > 5, "above_7": rating > 7, "above_10": rating > 10,
            "fractions": rating != rating.floor(), "bare_ids": rows.bare_id, "epoch_times": rows.epoch_time,
        }  # fmt: skip
        sums = {name: (test & rating.notnull()).sum().fill_null(0) for name, test in counts.items()}
        (row,) = engine.collect(
            rows.agg(
                ratings=rating.count(),
                least=rating.min().fill_null(0),
                greatest=rating.max().fill_null(0),
                **sums,
            )
        )
        return cls(**row)


def other_scale(found: RatingsProfile) -> str | None:
    """The scale that the ratings seem to be on, such as `0.5-5`; None if it is 1-10, or unclear."""
    many = found.ratings

    def share(count: int) -> float:
        return count / many

    if many < _FEW:
        return None
    if share(found.above_10) > 0.2:
        greatest = next((it for it in _GREATEST if found.greatest <= it), found.greatest)
        return f"{0 if found.negative == 0 else found.least:g}-{greatest:g}"
    if share(found.negative) > _STRAY:
        greatest = next(it for it in (1, 2, 5, 10, *_GREATEST, found.greatest) if found.greatest <= it)
        return f"{-greatest:g}-{greatest:g}" if -found.least <= greatest else f"{found.least:g}-{greatest:g}"
    if share(found.above_1) <= _STRAY and found.below_1:
        return "0-1"
    if share(found.above_5) <= _STRAY:
        if found.zeros > _STRAY * many:
            return "0-5"
        if found.fractions > _STRAY * many:
            return "0.5-5"
        return "1-5" if many >= _ENOUGH else None
    if many >= _ENOUGH and found.zeros > max(2, _ZEROS * many):
        return "0-10"
    return "1-7" if many >= _MANY and share(found.above_7) <= _STRAY / 2 else None


def check_scale(path: Path, found: RatingsProfile) -> None:
    """Refuse ratings whose values look like another scale than 1-10.

    Raises:
        InputError: they do.
    """
    scale = other_scale(found)
    if scale is None:
        return
    raise InputError(
        f"The ratings in {path} do not look like a scale of {MIN_RATING:g}-{MAX_RATING:g}: {found.ratings:,} ratings from "
        f"{found.least:g} to {found.greatest:g}, {found.above_5:,} of them above 5. Say which scale they are on: --rating-scale "
        f"{scale} (rating_scale='{scale}') maps its ends to {MIN_RATING:g} and {MAX_RATING:g}, and --rating-scale "
        f"{MIN_RATING:g}-{MAX_RATING:g} reads them as they are."
    )


def check_ids(path: Path, movie_column: str, found: RatingsProfile) -> None:
    """Refuse MovieLens's files, whose movie ids are numbers of its own that would match other titles of IMDb's.

    Raises:
        InputError: the ids and times look like MovieLens's, and no header says that the ids are IMDb's.
    """
    rows = found.ratings
    if movie_column in _IMDB_COLUMNS or not rows or min(found.bare_ids, found.epoch_times) < 0.9 * rows:
        return
    raise InputError(
        f"The movies in {path} look like MovieLens's own movieId, not like IMDb's ids such as tt0114709. MovieLens's "
        "links.csv says which IMDb id each has: kgrec-gds fetch movielens --into DIR downloads and converts them. If they "
        "are IMDb's ids, name the column imdbId."
    )
