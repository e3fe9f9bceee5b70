"""Changed copies of a data set for the leakage audit; except in `alone`, remaining rows keep their numbers."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.schema import MAX_RATING, MIN_RATING


def with_other_ratings(dataset: Dataset, events: NDArray[np.int64]) -> Dataset:
    """Replace the rating of each event by one from the other end of the scale."""
    rating = dataset.ratings.rating.copy()
    middle = (MIN_RATING + MAX_RATING) / 2
    rating[events] = np.where(rating[events] > middle, MIN_RATING, MAX_RATING)
    return replace(dataset, ratings=replace(dataset.ratings, rating=rating))


def without_later(dataset: Dataset, time: int) -> Dataset:
    """Remove all ratings after a time."""
    end = int(np.searchsorted(dataset.ratings.rated_at, time, side="right"))
    return replace(dataset, ratings=dataset.ratings.take(np.arange(end)))


def alone(dataset: Dataset, event: int) -> tuple[Dataset, int]:
    """Keep only the ratings strictly before an event, and the event itself, which becomes the last row.

    Returns:
        The data set and the event's row in it.
    """
    time = dataset.ratings.rated_at[event]
    before = int(np.searchsorted(dataset.ratings.rated_at, time, side="left"))
    return replace(dataset, ratings=dataset.ratings.take(np.append(np.arange(before), event))), before


def with_other_snapshot(dataset: Dataset) -> Dataset:
    """Replace IMDb's average ratings and vote counts, as if they had been taken at another time."""
    movies = dataset.movies
    other = replace(movies, average_rating=11 - movies.average_rating, num_votes=2 * movies.num_votes + 1)
    return replace(dataset, movies=other)
