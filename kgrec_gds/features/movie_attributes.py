"""What the graph holds of a movie itself: its release year and age."""

from kgrec_gds.data.rating_log import QueryPositions
from kgrec_gds.features.block import Block, Columns
from kgrec_gds.features.calendar import year_with_fraction
from kgrec_gds.features.movie_covariates import release_year


class MovieAttributes(Block):
    """Release year, and age at the time of the rating."""

    depends_on = ("movie",)

    def compute(self, known: QueryPositions) -> Columns:
        """Columns of each query's movie."""
        year = release_year(self.dataset, known.queries)
        return {"movie_year": year, "movie_years_old": year_with_fraction(known.queries.at) - year}
