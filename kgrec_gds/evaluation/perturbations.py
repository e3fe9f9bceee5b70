"""Changed copies of a data set, for the leakage audit. Rows keep their numbers: nothing is ever put in between."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.schema import MAX_RATING, MIN_RATING


def with_other_ratings(dataset: Dataset, events: NDArray[np.int64]) -> Dataset:
    """Each of the events gets a rating from the other end of the scale."""
    rating = dataset.ratings.rating.copy()
    middle = (MIN_RATING + MAX_RATING) / 2
    rating[events] = np.where(rating[events] > middle, MIN_RATING, MAX_RATING)
    return replace(dataset, ratings=replace(dataset.ratings, rating=rating))


def without_later(dataset: Dataset, moment: int) -> Dataset:
    """Ratings after the moment never happened."""
    end = int(np.searchsorted(dataset.ratings.rated_at, moment, side="right"))
    return replace(dataset, ratings=dataset.ratings.take(np.arange(end)))


def alone(dataset: Dataset, event: int) -> tuple[Dataset, int]:
    """Only what was strictly before the event, and the event itself, which becomes the last row.

    Returns:
        The data set and the event's row in it.
    """
    moment = dataset.ratings.rated_at[event]
    before = int(np.searchsorted(dataset.ratings.rated_at, moment, side="left"))
    return replace(dataset, ratings=dataset.ratings.take(np.append(np.arange(before), event))), before


def with_other_snapshot(dataset: Dataset) -> Dataset:
    """IMDb's average ratings and vote counts were taken at another time."""
    movies = dataset.movies
    other = replace(movies, average_rating=11 - movies.average_rating, num_votes=2 * movies.num_votes + 1)
    return replace(dataset, movies=other)
