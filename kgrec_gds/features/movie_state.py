"""What the online columns need of the movies as of a time, so that a database can compute them without the whole log.

The columns are those of `Features.select(online_only=True)`. Together with a user's own ratings, and what was known when
they were made (`rating_pasts`), these arrays give the same values as the log itself.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.baseline_estimates import BaselineFits
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.grouping import at
from kgrec_gds.data.query import Queries
from kgrec_gds.data.rating_log import MOST_RESIDUAL, QueryPositions, RatingLog
from kgrec_gds.features.entities import entity_logs
from kgrec_gds.features.movie_vectors import STEPS, graph_vectors
from kgrec_gds.features.rolling_statistics import MovieStatistics

Arrays = dict[str, NDArray[Any]]


def movie_state(dataset: Dataset, known_until: int) -> Arrays:
    """Statistics of each movie from the ratings strictly before a time; row 0 stands for a movie that is unknown.

    Returns:
        By movie_index: `year`, `deviation` (of the baseline estimate) and `fitted_deviation`, sums of `MovieStatistics`,
        and `vectors` as whole multiples; `mean` and `most_residual`; and by relation (`director`) the entities of each movie, with the number
        and the sum of their ratings' residuals.
    """
    log, movies = dataset.derive(RatingLog), dataset.movies
    everything = np.arange(len(movies), dtype=np.int32)
    known = QueryPositions(log, Queries.at_time(np.zeros_like(everything), everything, known_until))
    mean, fitted_deviation = dataset.derive(BaselineFits).fitted(known_until)
    state: Arrays = {
        "known_until": np.array([known_until], np.int64),
        "mean": np.array([mean]),
        "most_residual": np.array([MOST_RESIDUAL]),
        "year": movies.year.astype(np.float64),
        "deviation": known.baseline.movie,
        "fitted_deviation": fitted_deviation,
    }
    state |= MovieStatistics(dataset).sums(known.movie_position)
    rank = int(log.clock.rank(np.array([known_until], np.int64))[0])
    for name, each in dataset.derive(entity_logs).items():
        tally = each.everybody(rank)
        state[f"{name}_begin"] = each.relation.indptr.astype(np.int32)
        state[f"{name}_entity"] = each.relation.indices.astype(np.int32)
        state[f"{name}_count"] = tally.count.astype(np.float64)
        state[f"{name}_residual"] = tally.total
    vectors = dataset.derive(graph_vectors)
    if vectors is not None:
        state["vectors"] = np.rint(vectors * STEPS).astype(np.int16)
    return state


def rating_pasts(dataset: Dataset) -> Arrays:
    """What was known at each rating, which later ratings do not change; shape (events,), in the order of the log.

    Returns:
        `baseline` estimate, the movie's `deviation` in it, and the number of its earlier ratings, `count`.
    """
    log = dataset.derive(RatingLog)
    known = log.events
    return {
        "baseline": known.baseline.total,
        "deviation": known.baseline.movie,
        "count": at(log.by_movie.count, known.movie_position).astype(np.int32),
    }
