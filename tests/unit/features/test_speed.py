"""Features of a longer log take proportionally longer."""

import time

import numpy as np

from kgrec_gds.features.table import causal_features


def test_time_grows_linearly(make_dataset) -> None:
    def seconds(events: int) -> float:
        data = make_dataset(
            0, events=events, users=events // 100, movies=events // 10, moments=events, step=900
        )
        causal_features(data)
        spent = []
        for _ in range(3):
            start = time.process_time()
            causal_features(data)
            spent.append(time.process_time() - start)
        return float(np.min(spent))

    # Four times the events: quadratic growth would be 16 times, and sorting is a little more than linear.
    assert seconds(32_000) < 8 * seconds(8_000)
