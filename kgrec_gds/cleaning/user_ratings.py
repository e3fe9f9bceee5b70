"""User ratings: faults, one rating per user and movie, and the magnitude filter."""

from typing import Any

import ibis

from kgrec_gds.cleaning.cleaner import Cleaner
from kgrec_gds.cleaning.raw_files import USER_RATINGS, RawFile
from kgrec_gds.cleaning.removal_reasons import Reason
from kgrec_gds.cleaning.titles import Titles, of_movies, row_faults
from kgrec_gds.schema import MAX_RATING, MIN_RATING


def read_ratings(cleaner: Cleaner, file: RawFile, titles: Titles) -> Any:
    """Valid ratings of candidates: `line`, `text`, `userId`, `tconst`, `rating`, `ratedAt` (epoch seconds UTC)."""
    assert file.ratings_format is not None
    rows = cleaner.read(file)
    values = file.ratings_format.values(rows)
    rows = rows.select("line", "text", "invalid_utf8", "wrong_width", **values)
    rows = of_movies(rows, titles)
    outside = ~rows.rating.between(MIN_RATING, MAX_RATING) | rows.rating.isnull()
    reasons = [
        *row_faults(rows, "userId", "tconst"),
        Reason("rating_outside_1_10", "fault", outside),
        Reason("impossible_date", "fault", rows.ratedAt.isnull()),
        Reason("unknown_title", "unknown", ~rows.known),
        Reason("movie_not_kept", "rule", ~rows.movie),
    ]
    rows = cleaner.remove(USER_RATINGS, rows, reasons).drop("known", "movie")
    last = cleaner.rules.duplicate_ratings == "last"
    order = [rows.ratedAt.desc(), rows.line.desc()] if last else [rows.ratedAt, rows.line]
    keys = ["userId", "tconst"]
    return cleaner.remove_repeats(
        USER_RATINGS, rows, keys, reason="repeated_rating", kind="rule", order=order
    )


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
