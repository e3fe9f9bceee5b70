"""What a movie was like as of a time, in four numbers: a constant, release year, popularity and quality."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.grouping import at
from kgrec_gds.data.query import Queries
from kgrec_gds.data.rating_log import QueryPositions, RatingLog

COVARIATES = ("mean", "year", "popularity", "quality")


class MovieCovariates:
    """Covariates of movies as of any time, each of about unit size; get them by `dataset.derive(MovieCovariates)`."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset

    def of(self, known: QueryPositions) -> NDArray[np.float64]:
        """Covariates of each query's movie, shape (queries, covariates)."""
        year = release_year(self._dataset, known.queries)
        popularity = np.log1p(at(known.log.by_movie.count, known.movie_position))
        scaled = ((year - 1995) / 12, (popularity - 4) / 1.5, known.baseline.movie * 2)
        return np.stack([np.ones(len(year)), *scaled], axis=1)

    @cached_property
    def of_events(self) -> NDArray[np.float64]:
        """Covariates of every event as of its own time, shape (events, covariates)."""
        return self.of(QueryPositions(self._dataset.derive(RatingLog), Queries.of(self._dataset.ratings)))


def release_year(dataset: Dataset, queries: Queries) -> NDArray[np.float64]:
    """Release year of each query's movie; the year of the query where it is unknown, as of most new movies."""
    year = dataset.movies.year[queries.movie_index].astype(np.float64)
    now = queries.at.astype("datetime64[s]").astype("datetime64[Y]").astype(np.int64) + 1970
    return np.where(np.isfinite(year), year, now)
