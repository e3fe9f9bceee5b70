"""What a movie was like as of a time, in numbers of about unit size: release year, popularity and quality."""

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.grouping import at
from kgrec_gds.data.rating_log import QueryPositions, RatingLog
from kgrec_gds.features.movie_attributes import release_year


def movie_covariates(known: QueryPositions) -> NDArray[np.float64]:
    """Covariates of each query's movie, shape (queries, covariates)."""
    year = release_year(known.log.dataset, known.queries)
    popularity = np.log1p(at(known.log.by_movie.count, known.movie_position))
    return np.stack([(year - 1995) / 12, (popularity - 4) / 1.5, known.baseline.movie * 2], axis=1)


def event_covariates(dataset: Dataset) -> NDArray[np.float64]:
    """Covariates of every event as of its own time; get them by `dataset.derive(event_covariates)`."""
    return movie_covariates(dataset.derive(RatingLog).events)
