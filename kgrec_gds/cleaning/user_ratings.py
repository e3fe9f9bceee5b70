"""User ratings: faults, one rating a user and movie, and the magnitude filter."""

from typing import Any

import ibis

from kgrec_gds.cleaning.expressions import copy_number, decimal, epoch_seconds
from kgrec_gds.cleaning.raw_files import USER_RATINGS, Source
from kgrec_gds.cleaning.removed_rows import Reason, Sieve
from kgrec_gds.cleaning.titles import Titles, broken_rows, of_movies
from kgrec_gds.schema import MAX_RATING, MIN_RATING


def read_ratings(sieve: Sieve, source: Source, titles: Titles) -> Any:
    """Sound ratings of candidates: `line`, `text`, `userId`, `tconst`, `rating`, `ratedAt` (epoch seconds, UTC)."""
    rows = sieve.read(source)
    # The public file pads its values with spaces.
    rows = rows.mutate(
        userId=rows.user_id.strip().nullif(""),
        tconst=rows.tconst.strip().nullif(""),
        rating=decimal(rows.rating.strip()),
        ratedAt=epoch_seconds(rows.review_date.strip()),
    ).drop("user_id", "review_date")
    rows = of_movies(rows, titles)
    reasons = [
        *broken_rows(rows, "userId", "tconst"),
        Reason(
            "rating_outside_1_10",
            "fault",
            ~rows.rating.between(MIN_RATING, MAX_RATING) | rows.rating.isnull(),
        ),
        Reason("impossible_date", "fault", rows.ratedAt.isnull()),
        Reason("unknown_title", "unknown", ~rows.known),
        Reason("movie_not_kept", "rule", ~rows.movie),
    ]
    rows = sieve.sift(USER_RATINGS, rows, reasons).drop("known", "movie")
    return _one_each(sieve, rows)


def _one_each(sieve: Sieve, rows: Any) -> Any:
    last = sieve.settings.duplicate_ratings == "last"
    order = [rows.ratedAt.desc(), rows.line.desc()] if last else [rows.ratedAt, rows.line]
    rows = rows.mutate(copy=copy_number(rows, ("userId", "tconst"), order))
    return sieve.sift(USER_RATINGS, rows, [Reason("repeated_rating", "rule", rows.copy > 0)]).drop("copy")


def rated_enough(sieve: Sieve, movies: Any, ratings: Any) -> Any:
    """Movies that the magnitude filter leaves: by mean and number of their user ratings."""
    settings = sieve.settings
    if settings.min_movie_mean is None and settings.min_movie_ratings is None:
        return movies
    totals = ratings.group_by("tconst").agg(user_mean=ratings.rating.mean(), user_ratings=ratings.count())
    joined = movies.left_join(totals, "tconst")
    rows = joined.select(*movies.columns, "user_mean", "user_ratings")
    reasons = []
    if settings.min_movie_ratings is not None:
        few = rows.user_ratings.fill_null(0) < settings.min_movie_ratings
        reasons.append(Reason("movie_ratings_below", "rule", few))
    if settings.min_movie_mean is not None:
        low = (rows.user_mean < settings.min_movie_mean) | rows.user_mean.isnull()
        reasons.append(Reason("movie_mean_below", "rule", low))
    return sieve.sift("basics", rows, reasons).drop("user_mean", "user_ratings")


def pseudonymous(sieve: Sieve, ratings: Any) -> Any:
    """Ratings whose user ids are salted SHA-256 hashes, 32 hexadecimal digits, where the settings hold a salt."""
    salt = sieve.settings.user_salt
    if salt is None:
        return ratings
    salted = ratings.cross_join(sieve.engine.constant("salt", salt))
    digest = (salted.salt + ":" + salted.userId).hexdigest("sha256").substr(0, 32)
    return salted.mutate(userId=digest).drop("salt")


def no_ratings() -> Any:
    """The table of ratings where none were given."""
    schema = {"userId": "string", "tconst": "string", "rating": "float64", "ratedAt": "int64"}
    return ibis.memtable([], schema=schema)
