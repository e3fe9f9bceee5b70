import math

import numpy as np
import pytest

from kgrec_gds.evaluation.metrics import scores

RATING = np.array([2.0, 4.0, 6.0, 8.0])
PREDICTED = np.array([3.0, 4.0, 5.0, 4.0])  # errors -1, 0, 1, 4


def test_metrics_agree_with_hand_arithmetic():
    assert scores(RATING, PREDICTED).mse == pytest.approx((1 + 0 + 1 + 16) / 4)
    assert scores(RATING, PREDICTED).rmse == pytest.approx(math.sqrt(4.5))
    assert scores(RATING, PREDICTED).mae == pytest.approx((1 + 0 + 1 + 4) / 4)
    assert scores(RATING, PREDICTED).r2 == pytest.approx(1 - 18 / 20)  # deviations -3, -1, 1, 3
    assert scores(RATING, PREDICTED).evs == pytest.approx(1 - 3.5 / 5)  # error mean 1, variance 14 / 4
    assert scores(RATING, PREDICTED).medae == pytest.approx(1.0)


def test_explained_variance_ignores_a_constant_offset():
    assert scores(RATING, RATING + 1).r2 == pytest.approx(1 - 4 / 20)
    assert scores(RATING, RATING + 1).evs == pytest.approx(1.0)


def test_equal_ratings_have_no_r2():
    same = np.full(3, 7.0)
    assert math.isnan(scores(same, same).r2)
    assert math.isnan(scores(same[:1], same[:1]).evs)


def test_scores_of_no_events_are_nan():
    found = scores(RATING.astype(np.float32), PREDICTED.astype(np.float32))
    assert (found.mse, found.n) == (pytest.approx(4.5), 4)
    assert math.isnan(scores(np.zeros(0), np.zeros(0)).mse)
