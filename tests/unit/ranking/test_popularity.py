import numpy as np

from kgrec_gds.ranking.popularity import popularity, popularity_at_times


def test_a_rating_counts_half_after_a_half_life(dataset):
    ratings, movies, half_life = dataset.ratings, len(dataset.movies), 5 * 86_400.0
    at = int(np.median(ratings.rated_at))
    expected = np.zeros(movies)
    for movie, rated_at in zip(ratings.movie_index, ratings.rated_at, strict=True):
        if rated_at < at:
            expected[movie] += 0.5 ** ((at - rated_at) / half_life)
    np.testing.assert_allclose(popularity(ratings, movies, at, half_life), expected)


def test_many_times_give_what_single_ones_give(dataset):
    ratings, movies = dataset.ratings, len(dataset.movies)
    times = np.array(
        [ratings.rated_at[300], 0, ratings.rated_at[20], ratings.rated_at[300], ratings.rated_at[-1] + 9]
    )
    found = popularity_at_times(ratings, movies, times, 86_400.0)
    for row, at in zip(found, times.tolist(), strict=True):
        np.testing.assert_allclose(row, popularity(ratings, movies, at, 86_400.0), atol=1e-12)
