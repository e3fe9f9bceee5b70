"""The published features as published: over the whole history, so that most of them leak the target.

They exist to compare with the literature, for protocol `paper` only; `kgrec-gds audit --preset paper` shows what each
leaks.
"""

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.grouping import Grouped, at
from kgrec_gds.data.links import Links
from kgrec_gds.data.rating_log import RatingLog
from kgrec_gds.features.block import Columns
from kgrec_gds.features.calendar import DAY, calendar_columns, day_of_year
from kgrec_gds.features.table import FeatureTable

#: Columns from IMDb's snapshot, which was taken after the ratings.
LATER_SNAPSHOTS = ("averageRating", "numVotes")
_SPAN = 5


def paper_features(dataset: Dataset) -> FeatureTable:
    """Features of every event, shape (events, features); most of them leak."""
    ratings, movies = dataset.ratings, dataset.movies
    user, movie = ratings.user_index, ratings.movie_index
    rating = ratings.rating.astype(np.float64)
    log = dataset.derive(RatingLog)
    user_count, user_mean, user_std = _statistics(user, rating, len(dataset.user_ids))
    movie_count, movie_mean, _ = _statistics(movie, rating, len(movies))
    columns: Columns = {
        "startYear": _known(movies.year)[movie],
        **_calendar(ratings.rated_at),
        "days_since_last": _days_since_last(log),
        "user_rating_count": user_count[user],
        "movie_rating_count": movie_count[movie],
        "user_rating_mean": user_mean[user],
        "user_rating_std": user_std[user],
        "movie_rating_mean": movie_mean[movie],
        "user_genre_avg_rating": _genre_average(dataset, rating, user_mean[user]),
        "user_rating_ewma": _ewma(log.by_user, rating),
        "movie_rating_ewma": _ewma(log.by_movie, rating),
        "user_movie_rating_diff": rating - movie_mean[movie],
        "averageRating": _known(movies.average_rating)[movie],
        "numVotes": _known(movies.num_votes)[movie],
    }
    return FeatureTable.of(columns, len(ratings))


def _calendar(at: NDArray[np.int64]) -> Columns:
    """Year, month, quarter, day of week (Monday 0), week of year (from 0), and sine and cosine of the hour."""
    columns = calendar_columns(at)
    month = at.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64) % 12
    parts = {
        "time_month": month + 1,
        "time_quarter": month // 3 + 1,
        "time_weekday": (at // DAY + 3) % 7,
        "time_week": day_of_year(at) // 7,
    }
    as_floats = {name: values.astype(np.float64) for name, values in parts.items()}
    return {"time_year": columns.pop("time_year"), **as_floats, **columns}


def _statistics(
    index: NDArray[np.int32], rating: NDArray[np.float64], size: int
) -> tuple[NDArray[np.float64], ...]:
    """Count, mean and sample deviation of all ratings of each user or movie."""
    count = np.bincount(index, minlength=size).astype(np.float64)
    mean = np.bincount(index, rating, size) / np.maximum(count, 1)
    squares = np.bincount(index, (rating - mean[index]) ** 2, size)
    return count, mean, np.sqrt(squares / np.maximum(count - 1, 1))


def _ewma(grouped: Grouped, rating: NDArray[np.float64]) -> NDArray[np.float64]:
    """Exponentially weighted mean of span 5, the current rating included."""
    decay = 1 - 2 / (_SPAN + 1)
    mean = grouped.decayed(rating, decay) / grouped.decayed(np.ones(len(rating)), decay)
    result = np.empty(len(rating))
    result[grouped.order] = mean
    return result


def _genre_average(
    dataset: Dataset, rating: NDArray[np.float64], otherwise: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The user's mean rating of each genre over the whole history, averaged over the movie's genres."""
    genres = dataset.movies.facts.get("genres")
    if genres is None:
        return otherwise
    links = Links.of(genres, dataset.ratings.movie_index)
    key = dataset.ratings.user_index.astype(np.int64)[links.row] * len(genres.keys) + links.entity
    _, group = np.unique(key, return_inverse=True)
    means = np.bincount(group, rating[links.row]) / np.maximum(np.bincount(group), 1)
    return np.where(links.count > 0, links.mean(means[group]), otherwise)


def _days_since_last(log: RatingLog) -> NDArray[np.float64]:
    """Days since the user's previous rating, 0 for the first."""
    rated_at = log.ratings.rated_at
    before = log.by_user.earlier
    last = at(rated_at[log.by_user.order], before)
    return np.where(before >= 0, (rated_at - last) / DAY, 0.0)


def _known(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Values with the mean of the catalogue where they are missing."""
    known = values[np.isfinite(values)]
    mean = float(known.mean()) if len(known) else 0.0
    return np.where(np.isfinite(values), values, mean).astype(np.float64)
