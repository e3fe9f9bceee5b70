import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kgrec_gds.models.user_samples import sample_of_users

users = st.lists(st.integers(1, 9), max_size=60).map(lambda found: np.array(found, np.int32))


@given(users, st.integers(1, 80), st.integers(0, 99))
def test_a_sample_has_whole_users_and_no_more_ratings_than_asked_for(user_index, most, seed):
    rows = sample_of_users(user_index, most, np.random.default_rng(seed))
    chosen = np.unique(user_index[rows])
    assert len(rows) <= most or len(chosen) == 1
    assert len(rows) or not len(user_index)
    assert (np.diff(rows) > 0).all()
    assert len(rows) == np.isin(user_index, chosen).sum()
    if len(user_index) <= most:
        assert len(rows) == len(user_index)


def test_the_next_epoch_has_other_users():
    user_index, rng = np.repeat(np.arange(1, 1001, dtype=np.int32), 3), np.random.default_rng(0)
    first, second = (sample_of_users(user_index, 600, rng) for _ in range(2))
    assert len(first) == len(second) == 600
    assert len(np.intersect1d(first, second)) < 300
