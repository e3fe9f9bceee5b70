"""Weights and expectations step by step; the matrices by definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgrec_gds.features.gaussian_process.posterior import conditional_means, running_weights


@given(st.integers(0, 2**32), st.integers(1, 3), st.sampled_from([1, 2, 4, 16]))
def test_weights_after_every_step_are_those_of_the_steps_so_far(seed: int, groups: int, steps: int) -> None:
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(groups, steps, 3))
    covariance, said = factors @ factors.transpose(0, 2, 1), rng.normal(size=(groups, steps))
    found = running_weights(covariance, said)
    for group in range(groups):
        for step in range(steps):
            upto = slice(step + 1)
            expected = np.linalg.solve(covariance[group][upto, upto] + np.eye(step + 1), said[group, upto])
            assert found[step, group, upto] == pytest.approx(expected, abs=1e-9)
            assert not found[step, group, step + 1 :].any()


@given(st.integers(0, 2**32), st.integers(1, 3), st.sampled_from([1, 2, 7, 16]))
def test_what_is_expected_of_a_point_is_what_those_it_sees_say(seed: int, groups: int, points: int) -> None:
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(groups, points, 3))
    covariance, said = factors @ factors.transpose(0, 2, 1), rng.normal(size=(groups, points))
    visible = rng.integers(0, np.arange(points) + 1, (groups, points))
    found = conditional_means(covariance, said, visible)
    for group in range(groups):
        for point in range(points):
            seen = slice(visible[group, point])
            among = covariance[group][seen, seen] + np.eye(visible[group, point])
            expected = covariance[group][point, seen] @ np.linalg.solve(among, said[group, seen])
            assert found[group, point] == pytest.approx(expected, abs=1e-9)


@given(st.integers(0, 2**32), st.integers(0, 7))
def test_what_a_point_does_not_see_changes_no_bit(seed: int, point: int) -> None:
    rng = np.random.default_rng(seed)
    factors, said = rng.normal(size=(1, 8, 3)), rng.normal(size=(1, 8))
    covariance, visible = factors @ factors.transpose(0, 2, 1), np.arange(8)[None]
    before = conditional_means(covariance, said, visible)
    said[:, point:] = rng.normal(size=8 - point)
    after = conditional_means(covariance, said, visible)
    np.testing.assert_array_equal(before[:, : point + 1], after[:, : point + 1])


def test_many_alike_say_less_than_as_many_times_one() -> None:
    alike = np.full((1, 8, 8), 0.5)
    expected = 0.5 * running_weights(alike, np.ones((1, 8))).sum(axis=2)[:, 0]
    counts = np.arange(1, 9)
    np.testing.assert_allclose(expected, 0.5 * counts / (1 + 0.5 * counts))
