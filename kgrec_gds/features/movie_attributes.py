"""What the graph holds of a movie itself: its release year and age."""

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.data.rating_log import QueryPositions
from kgrec_gds.features.block import Block, Columns
from kgrec_gds.features.calendar import calendar_columns, calendar_year


class MovieAttributes(Block):
    """Release year, and age at the time of the rating."""

    depends_on = ("movie",)

    def compute(self, known: QueryPositions) -> Columns:
        """Columns of each query's movie."""
        year = release_year(self.dataset, known.queries)
        now = calendar_columns(known.queries.at)["time_year"]
        return {"movie_year": year, "movie_years_old": now - year}


def release_year(dataset: Dataset, queries: Queries) -> NDArray[np.float64]:
    """Release year of each query's movie; the year of the query where it is unknown, as of most new movies."""
    year = dataset.movies.year[queries.movie_index].astype(np.float64)
    return np.where(np.isfinite(year), year, calendar_year(queries.at))
