"""The posterior mean after each step, against its definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgrec_gds.features.gaussian_process.posterior import running_weights


@given(st.integers(0, 2**32), st.integers(1, 3), st.sampled_from([1, 2, 4, 16]))
def test_weights_after_every_step_are_those_of_the_steps_so_far(seed: int, groups: int, steps: int) -> None:
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(groups, steps, 3))
    covariance, residual = factors @ factors.transpose(0, 2, 1), rng.normal(size=(groups, steps))
    found = running_weights(covariance, residual)
    for group in range(groups):
        for step in range(steps):
            upto = slice(step + 1)
            among = covariance[group][upto, upto] + np.eye(step + 1)
            expected = np.linalg.solve(among, residual[group, upto])
            assert found[step, group, upto] == pytest.approx(expected, abs=1e-9)
            assert not found[step, group, step + 1 :].any()


@given(st.integers(0, 2**32), st.integers(0, 7))
def test_later_steps_change_no_bit(seed: int, step: int) -> None:
    rng = np.random.default_rng(seed)
    factors, residual = rng.normal(size=(1, 8, 3)), rng.normal(size=(1, 8))
    covariance = factors @ factors.transpose(0, 2, 1)
    before = running_weights(covariance, residual)
    residual[:, step + 1 :] = rng.normal(size=7 - step)
    np.testing.assert_array_equal(before[: step + 1], running_weights(covariance, residual)[: step + 1])


def test_similar_ratings_count_less_than_independent_ones() -> None:
    covariance = np.full((1, 8, 8), 0.5)
    expected = 0.5 * running_weights(covariance, np.ones((1, 8))).sum(axis=2)[:, 0]
    counts = np.arange(1, 9)
    np.testing.assert_allclose(expected, 0.5 * counts / (1 + 0.5 * counts))
