"""What the graph holds of a movie itself: release year, age and genres."""

from kgrec_gds.data.rating_log import QueryPositions
from kgrec_gds.features.block import Block, Columns
from kgrec_gds.features.calendar import year_with_fraction
from kgrec_gds.features.movie_covariates import release_year
from kgrec_gds.features.movie_vectors import genre_flags


class MovieAttributes(Block):
    """Release year, age at the time of the rating, and genres (multi-hot)."""

    depends_on = ("movie",)

    def compute(self, known: QueryPositions) -> Columns:
        """Columns of each query's movie."""
        year = release_year(self.dataset, known.queries)
        columns = {"movie_year": year, "movie_years_old": year_with_fraction(known.queries.at) - year}
        flags = self.dataset.derive(genre_flags)
        if flags is not None:
            of_queries = flags[known.queries.movie_index].T
            keys = self.dataset.movies.facts["genres"].keys
            columns |= {f"genre_{key}": of_queries[k] for k, key in enumerate(keys) if k}
        return columns
