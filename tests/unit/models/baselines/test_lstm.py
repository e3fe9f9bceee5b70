import numpy as np
import pytest

from kgrec_gds.data.query import Queries
from kgrec_gds.models.baselines.keras_baseline import run
from kgrec_gds.models.baselines.lstm import WINDOW_LENGTH


def test_a_window_holds_the_latest_ratings_before_known_until(dataset, test_queries, fitted):
    ratings, lstm = dataset.ratings, fitted("lstm")
    queries = test_queries.delayed(7_200)
    inputs = lstm.inputs(dataset, queries)
    for row in range(0, len(queries), 17):
        own = (ratings.user_index == queries.user_index[row]) & (ratings.rated_at < queries.known_until[row])
        latest = np.flatnonzero(own)[-WINDOW_LENGTH:]
        assert (inputs["steps"][row] > 0).sum() == len(latest)
        found = inputs["values"][row, : len(latest), 0] + lstm.mean
        assert found == pytest.approx(ratings.rating[latest])


def test_movies_scored_with_one_history_share_its_encoding(dataset, test_queries, fitted):
    lstm, movies = fitted("lstm"), np.arange(1, 30, dtype=np.int32)
    each = np.repeat(np.arange(5), len(movies))
    five = test_queries.take(each)
    queries = Queries(five.user_index, np.tile(movies, 5), five.at, five.known_until)
    alone = lstm.mean + run(lstm._network, lstm.inputs(dataset, queries))[:, 0]
    found = lstm.predict(dataset, queries)
    assert found == pytest.approx(np.clip(alone, 1, 10), abs=1e-5)
    assert np.ptp(found.reshape(5, -1), axis=0).max() > 0.01  # the history matters
