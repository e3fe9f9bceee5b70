"""Features of a longer log take proportionally longer."""

import time
from dataclasses import replace

import numpy as np

from kgrec_gds.data.query import Queries
from kgrec_gds.features.table import Features


def test_time_grows_linearly(make_tiny_dataset) -> None:
    def seconds(events: int) -> float:
        data = make_tiny_dataset(
            0, events=events, users=events // 100, movies=events // 10, times=events, step=900
        )
        spent = []
        for _ in range(4):
            fresh = replace(data)
            start = time.process_time()
            fresh.derive(Features).table(Queries.of(fresh.ratings))
            spent.append(time.process_time() - start)
        return float(np.min(spent))

    # Four times the events: quadratic growth would be 16 times, and sorting is a little more than linear.
    assert seconds(16_000) < 8 * seconds(4_000)
