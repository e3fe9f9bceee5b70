import numpy as np
import pytest

from kgrec_gds.data.query import Queries
from kgrec_gds.models.baselines.svd import Factors
from kgrec_gds.models.baselines.svd_folded import fold_in
from kgrec_gds.models.baselines.vocabulary import Vocabulary
from kgrec_gds.models.delays import DAY


@pytest.mark.parametrize("delay", [0, DAY])
def test_folding_in_is_a_ridge_regression_of_the_history(dataset, delay):
    rng = np.random.default_rng(2)
    ratings, movies = dataset.ratings, len(dataset.movies)
    known = Vocabulary.of(dataset.movies.tconst, np.arange(1, movies))
    bias, q = rng.normal(size=movies), rng.normal(size=(movies, 3))
    factors = Factors(6.0, Vocabulary(np.zeros(0, str)), known, np.zeros(1), bias, np.zeros((1, 3)), q)
    queries = Queries.of(ratings.take(np.arange(100, len(ratings), 97))).delayed(delay)
    for row, value in enumerate(fold_in(factors, dataset, queries, [(1.5, 2.0)])[0]):
        own = (ratings.user_index == queries.user_index[row]) & (ratings.rated_at < queries.known_until[row])
        m = ratings.movie_index[own]
        x = np.column_stack([np.ones(len(m)), q[m]])
        solved = np.linalg.solve(x.T @ x + np.diag([1.5, 2, 2, 2]), x.T @ (ratings.rating[own] - 6 - bias[m]))
        assert value == pytest.approx(np.r_[1, q[queries.movie_index[row]]] @ solved, abs=1e-4)
