import numpy as np
import pytest

from kgrec_gds.data.query import Queries
from kgrec_gds.models.delays import DELAYED_SHARE, LONGEST, SHORTEST, with_random_delays


def test_a_share_of_the_queries_is_delayed_and_the_seed_decides(dataset):
    queries = Queries.of(dataset.ratings)
    first, again, other = (with_random_delays(queries, np.random.default_rng(seed)) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.known_until, again.known_until)
    assert (first.known_until != other.known_until).any()
    np.testing.assert_array_equal(first.at, queries.at)
    delayed = first.delay[first.delay > 0]
    assert len(delayed) / len(queries) == pytest.approx(DELAYED_SHARE, abs=0.06)
    assert delayed.min() >= SHORTEST - 1
    assert delayed.max() <= LONGEST
