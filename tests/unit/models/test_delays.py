import numpy as np

from kgrec_gds.data.query import Queries
from kgrec_gds.models.delays import MIXTURE, with_random_delays


def test_delays_follow_the_mixture_and_the_seed(dataset):
    queries = Queries.of(dataset.ratings)
    first, again, other = (with_random_delays(queries, np.random.default_rng(seed)) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.known_until, again.known_until)
    assert (first.known_until != other.known_until).any()
    assert set(np.unique(first.delay)) == set(MIXTURE)
    np.testing.assert_array_equal(first.at, queries.at)
    shares = [np.mean(first.delay == delay) for delay in MIXTURE]
    np.testing.assert_allclose(shares, list(MIXTURE.values()), atol=0.08)
