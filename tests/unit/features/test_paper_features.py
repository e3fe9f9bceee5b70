"""The published features against pandas, in which they were published."""

import numpy as np
import pandas as pd
import pytest

from kgrec_gds.features.paper_features import paper_features


def days_since_last(rated_at: pd.Series) -> list[float]:
    """Days since the latest strictly earlier time of one user, 0 where there is none."""
    return [(at - max(rated_at[rated_at < at], default=at)) / 86_400 for at in rated_at]


@pytest.mark.parametrize("seed", range(3))
def test_whole_history_features_are_what_pandas_says(make_tiny_dataset, seed: int) -> None:
    data = make_tiny_dataset(seed, events=80, users=5, movies=20)
    table = paper_features(data)
    frame = pd.DataFrame(vars(data.ratings))
    frame["rating"] = frame.rating.astype(float)
    of_user, of_movie = frame.groupby("user_index").rating, frame.groupby("movie_index").rating
    date = pd.to_datetime(frame.rated_at, unit="s")
    day = date.dt.day_of_year - 1
    angle, timed = 2 * np.pi * (frame.rated_at % 86_400) / 86_400, frame.rated_at % 86_400 != 0
    expected = {
        "time_year": date.dt.year + day / 366,
        "time_month": date.dt.month,
        "time_quarter": date.dt.quarter,
        "time_weekday": date.dt.day_of_week,
        "time_week": day // 7,
        "time_hour_sin": np.sin(angle) * timed,
        "time_hour_cos": np.cos(angle) * timed,
        "days_since_last": frame.groupby("user_index").rated_at.transform(days_since_last),
        "user_rating_count": of_user.transform("size"),
        "movie_rating_count": of_movie.transform("size"),
        "user_rating_mean": of_user.transform("mean"),
        "user_rating_std": of_user.transform("std").fillna(0),
        "movie_rating_mean": of_movie.transform("mean"),
        "user_movie_rating_diff": frame.rating - of_movie.transform("mean"),
        "user_rating_ewma": of_user.transform(lambda ratings: ratings.ewm(span=5).mean()),
        "movie_rating_ewma": of_movie.transform(lambda ratings: ratings.ewm(span=5).mean()),
        "averageRating": data.movies.average_rating[data.ratings.movie_index],
        "numVotes": data.movies.num_votes[data.ratings.movie_index],
    }
    for name, values in expected.items():
        np.testing.assert_allclose(table.column(name), values, rtol=1e-5, atol=1e-5, err_msg=name)
    facts = data.movies.facts["genres"]
    pairs = [(row, genre) for row, movie in enumerate(frame.movie_index) for genre in facts.of(movie)]
    long = frame.loc[[row for row, _ in pairs]].assign(genre=[genre for _, genre in pairs])
    long["mean"] = long.groupby(["user_index", "genre"]).rating.transform("mean")
    genre = long.groupby(level=0)["mean"].mean().reindex(frame.index)
    np.testing.assert_allclose(
        table.column("user_genre_avg_rating"), genre.fillna(expected["user_rating_mean"]), rtol=1e-5
    )
