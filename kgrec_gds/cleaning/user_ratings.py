"""User ratings: faults, one rating per user and movie, and the magnitude filter."""

import time
from typing import Any, Final

import ibis

from kgrec_gds.cleaning.cleaner import Cleaner
from kgrec_gds.cleaning.expressions import is_blank, is_missing, stripped
from kgrec_gds.cleaning.ratings_checks import RatingsProfile, check_ids, check_scale
from kgrec_gds.cleaning.raw_files import USER_RATINGS, RawFile
from kgrec_gds.cleaning.removal_reasons import LONGEST_USER_ID, Reason
from kgrec_gds.cleaning.rules import CleaningRules
from kgrec_gds.cleaning.titles import Titles, of_movies, row_faults
from kgrec_gds.errors import InputError
from kgrec_gds.schema import MAX_RATING, MIN_RATING

#: Earliest date of a rating: 1 January 1900 in epoch seconds.
_EARLIEST: Final = -2_208_988_800
#: How far ahead a rating may be dated: clocks and time zones differ.
_DAY: Final = 86_400
#: Share of ratings without a movie from which on it is said.
_SAID: Final = 0.01


def read_ratings(cleaner: Cleaner, file: RawFile, titles: Titles) -> Any:
    """Valid ratings of candidates: `line`, `text`, `userId`, `tconst`, `rating`, `ratedAt` (epoch seconds UTC)."""
    rules = cleaner.rules
    rows = cleaner.engine.store(_values(cleaner.read(file), file, rules), "values")
    profile = RatingsProfile.of(cleaner.engine, rows.filter(~rows.wrong_width & ~rows.invalid_utf8))
    check_ids(file.path, file.movie_column, profile)
    if rules.rating_scale is None:
        check_scale(file.path, profile)
    rows = of_movies(rows.drop("bare_id", "epoch_time"), titles)
    least, greatest = rules.scale
    standard = (least, greatest) == (MIN_RATING, MAX_RATING)
    outside = ~rows.rating.between(least, greatest) | rows.rating.isnull()
    too_long = rows.userId.length() > LONGEST_USER_ID
    reasons = [
        *row_faults(rows, "userId", "tconst"),
        Reason("not_an_id", "fault", is_missing(rows.userId)),
        Reason("too_long", "fault", too_long),
        Reason("rating_outside_1_10" if standard else "rating_outside_scale", "fault", outside),
        Reason("impossible_date", "fault", rows.ratedAt.isnull() | (rows.ratedAt < _EARLIEST)),
        Reason("date_in_future", "fault", rows.ratedAt > int(time.time()) + _DAY),
        Reason("unknown_title", "unknown", ~rows.known),
        Reason("movie_not_kept", "rule", ~rows.movie),
    ]
    rows = cleaner.remove(USER_RATINGS, rows, reasons)
    _check_known(cleaner, file)
    if not standard:
        rows = rows.mutate(
            rating=MIN_RATING + (MAX_RATING - MIN_RATING) * (rows.rating - least) / (greatest - least)
        )
    rows = rows.drop("known", "movie", "userId_empty", "tconst_empty")
    last = cleaner.rules.duplicate_ratings == "last"
    order = [rows.ratedAt.desc(), rows.line.desc()] if last else [rows.ratedAt, rows.line]
    keys = ["userId", "tconst"]
    return cleaner.remove_repeats(
        USER_RATINGS, rows, keys, reason="repeated_rating", kind="rule", order=order
    )


def _values(rows: Any, file: RawFile, rules: CleaningRules) -> Any:
    """The rows' values by the file's format, whether the ids are empty, and what tells MovieLens's ids."""
    assert file.ratings_format is not None
    if "user_id" not in file.columns:
        rows = rows.mutate(user_id=ibis.literal(rules.user))
    values = file.ratings_format.values(rows)
    return rows.select(
        "line",
        "text",
        "invalid_utf8",
        "wrong_width",
        **values,
        userId_empty=is_blank(rows.user_id),
        tconst_empty=is_blank(rows.tconst),
        bare_id=stripped(rows.tconst).re_search(r"^[1-9]\d{0,6}(\.0+)?$").fill_null(False),
        epoch_time=stripped(rows.rated_at).re_search(r"^\d{9,10}(\.\d+)?$").fill_null(False),
    )


def _check_known(cleaner: Cleaner, file: RawFile) -> None:
    """Say how many ratings are of titles that the tables lack, and refuse a file of nothing else."""
    count = cleaner.counts[USER_RATINGS]
    unknown, sound = count.unknown["unknown_title"], count.rows_in - count.faults.total()
    if not unknown or unknown < _SAID * sound:
        return
    found = (
        f"{unknown:,} of the {sound:,} valid ratings in {file.path} ({unknown / sound:.0%}) are of titles that title.basics "
        f"lacks, {cleaner.first(USER_RATINGS, 'unknown_title')}"
    )
    if unknown == sound:
        raise InputError(
            f"No rating matches a movie: {found}. Expected IMDb's ids (tt0114709) of titles in the tables. Check that the "
            "file and the tables belong together."
        )
    cleaner.warnings.append(f"{found}. They are left out.")


def movies_rated_enough(cleaner: Cleaner, movies: Any, ratings: Any) -> Any:
    """Movies that pass the magnitude filter on the mean and the number of their user ratings."""
    rules = cleaner.rules
    if rules.min_movie_mean is None and rules.min_movie_ratings is None:
        return movies
    totals = ratings.group_by("tconst").agg(user_mean=ratings.rating.mean(), user_ratings=ratings.count())
    joined = movies.left_join(totals, "tconst")
    rows = joined.select(*movies.columns, "user_mean", "user_ratings")
    reasons = []
    if rules.min_movie_ratings is not None:
        few = rows.user_ratings.fill_null(0) < rules.min_movie_ratings
        reasons.append(Reason("movie_ratings_below", "rule", few))
    if rules.min_movie_mean is not None:
        low = (rows.user_mean < rules.min_movie_mean) | rows.user_mean.isnull()
        reasons.append(Reason("movie_mean_below", "rule", low))
    return cleaner.remove("basics", rows, reasons).drop("user_mean", "user_ratings")


def hash_user_ids(cleaner: Cleaner, ratings: Any) -> Any:
    """Replace user ids by the first 32 hexadecimal digits of SHA-256 of `salt:id`, if the rules have a salt."""
    salt = cleaner.rules.user_salt
    if salt is None:
        return ratings
    salted = ratings.cross_join(cleaner.engine.constant("salt", salt))
    digest = (salted.salt + ":" + salted.userId).hexdigest("sha256").substr(0, 32)
    return salted.mutate(userId=digest).drop("salt")


def no_ratings() -> Any:
    """An empty table of ratings."""
    schema = {"userId": "string", "tconst": "string", "rating": "float64", "ratedAt": "int64"}
    return ibis.memtable([], schema=schema)
