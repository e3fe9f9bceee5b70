"""What is known of a movie itself as of a time: release year and age, popularity and quality."""

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.grouping import at
from kgrec_gds.data.rating_log import QueryPositions
from kgrec_gds.features.block import Block, Columns
from kgrec_gds.features.calendar import calendar_columns, calendar_year


class MovieAttributes(Block):
    """Release year, and age at the time of the rating."""

    depends_on = ("movie",)

    def compute(self, known: QueryPositions) -> Columns:
        """Columns of each query's movie."""
        year = _release_year(known)
        return {"movie_year": year, "movie_years_old": calendar_columns(known.queries.at)["time_year"] - year}


def movie_covariates(known: QueryPositions) -> NDArray[np.float64]:
    """Release year, popularity and quality of each query's movie, of about unit size; shape (queries, covariates).

    Get them by `known.derive(movie_covariates)`.
    """
    popularity = np.log1p(at(known.log.by_movie.count, known.movie_position))
    scaled = ((_release_year(known) - 1995) / 12, (popularity - 4) / 1.5, known.baseline.movie * 2)
    return np.stack(scaled, axis=1)


def _release_year(known: QueryPositions) -> NDArray[np.float64]:
    """The year of the query where it is unknown, as of most new movies."""
    year = known.log.dataset.movies.year[known.queries.movie_index].astype(np.float64)
    return np.where(np.isfinite(year), year, calendar_year(known.queries.at))
