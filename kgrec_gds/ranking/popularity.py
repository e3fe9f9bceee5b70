"""Decaying popularity: the number of ratings before a time, each halved with every half-life of its age."""

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Ratings

DAY = 86_400


def popularity(ratings: Ratings, movies: int, at: int, half_life: float) -> NDArray[np.float64]:
    """P(m) = sum over ratings of m before `at` of 0.5 ^ (age / half_life), shape (movies,).

    Args:
        ratings: in order of time.
        movies: number of movies with the padding row.
        at: epoch seconds.
        half_life: seconds.
    """
    before = slice(None, int(np.searchsorted(ratings.rated_at, at)))
    weight = np.exp2((ratings.rated_at[before] - at) / half_life)
    return np.bincount(ratings.movie_index[before], weight, minlength=movies).astype(np.float64)


def popularity_at_times(
    ratings: Ratings, movies: int, times: NDArray[np.int64], half_life: float
) -> NDArray[np.float64]:
    """Popularity as of each of many times, shape (times, movies)."""
    found = np.zeros((len(times), movies))
    distinct, which = np.unique(times, return_inverse=True)
    ends = np.searchsorted(ratings.rated_at, distinct)
    current, begin, before = np.zeros(movies), 0, int(distinct[0]) if len(distinct) else 0
    for number, (now, end) in enumerate(zip(distinct.tolist(), ends.tolist(), strict=True)):
        new = slice(begin, end)
        weight = np.exp2((ratings.rated_at[new] - now) / half_life)
        current *= 2 ** ((before - now) / half_life)
        np.add.at(current, ratings.movie_index[new], weight)
        found[which == number] = current
        begin, before = end, now
    return found
