import numpy as np
import pytest

from kgrec_gds.evaluation.intervals import paired_differences, without_heaviest_user


def test_the_difference_is_the_mean_over_events_and_not_over_users():
    differences = np.array([[1.0], [1.0], [1.0], [5.0]])
    (found,) = paired_differences(differences, np.array([1, 1, 1, 2]))
    assert found.difference == pytest.approx(2.0)
    assert found.low <= found.difference <= found.high


def test_whole_users_are_drawn():
    # All events of one user are +1, all of the other -1. If whole users are drawn, the mean is -1, 0 or 1; single
    # events would hardly ever average to -1 or 1.
    users = np.repeat([1, 2], 500)
    (found,) = paired_differences(np.where(users == 1, 1.0, -1.0)[:, None], users)
    assert (found.low, found.high) == (-1.0, 1.0)


def test_it_agrees_with_a_bootstrap_user_by_user():
    generator = np.random.default_rng(3)
    users = generator.integers(0, 40, 400)
    differences = generator.normal(0.1, 1, (400, 2)) + (users % 3)[:, None] * 0.2
    vectorised = paired_differences(differences, users, resamples=4000, seed=1)
    slow = []
    own = [np.flatnonzero(users == user) for user in np.unique(users)]
    for _ in range(2000):
        drawn = np.concatenate([own[user] for user in generator.integers(0, len(own), len(own))])
        slow.append(differences[drawn].mean(axis=0))
    low, high = np.percentile(slow, [2.5, 97.5], axis=0)
    for column, interval in enumerate(vectorised):
        assert interval.difference == pytest.approx(differences[:, column].mean())
        assert interval.low == pytest.approx(low[column], abs=0.02)
        assert interval.high == pytest.approx(high[column], abs=0.02)


def test_an_interval_depends_on_the_seed_and_not_on_other_columns():
    generator = np.random.default_rng(0)
    users, differences = generator.integers(0, 9, 50), generator.normal(size=(50, 3))
    together, alone = (
        paired_differences(differences, users)[1],
        paired_differences(differences[:, 1:2], users)[0],
    )
    assert together.low == pytest.approx(alone.low, abs=1e-12)
    assert paired_differences(differences, users)[1] == together


def test_no_events_have_no_interval():
    assert np.isnan(paired_differences(np.zeros((0, 1)), np.zeros(0, int))[0].low)


def test_the_heaviest_user_is_left_out():
    assert without_heaviest_user(np.array([3, 1, 3, 2])).tolist() == [False, True, False, True]
