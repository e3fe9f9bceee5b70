"""Properties of the splits that must hold for any log."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgrec_gds.data.dataset import Ratings
from kgrec_gds.data.splits import PARTS, split
from kgrec_gds.errors import InputError


@st.composite
def logs(draw: st.DrawFn) -> Ratings:
    rows = draw(
        st.lists(
            st.tuples(st.integers(0, 12), st.integers(1, 4), st.integers(1, 9)), max_size=60, unique=True
        )
    )
    table = np.array(sorted(rows), np.int64).reshape(-1, 3)
    return Ratings(table[:, 1].astype(np.int32), table[:, 2].astype(np.int32),
                   np.ones(len(table), np.float32), table[:, 0])  # fmt: skip


@given(logs(), st.sampled_from(["global", "per-user", "paper"]))
def test_every_event_is_in_exactly_one_part(ratings: Ratings, protocol: str) -> None:
    parts = split(ratings, protocol)
    together = np.concatenate([parts.train, parts.validation, parts.test])
    assert sorted(together) == list(range(len(ratings)))
    assert parts.protocol == protocol


@given(logs())
def test_global_orders_all_times_strictly(ratings: Ratings) -> None:
    parts = split(ratings, "global")
    at = ratings.rated_at
    for earlier, later in [
        (parts.train, parts.validation),
        (parts.train, parts.test),
        (parts.validation, parts.test),
    ]:
        if len(earlier) and len(later):
            assert at[earlier].max() < at[later].min()


@given(logs())
def test_global_parts_start_where_the_positions_say(ratings: Ratings) -> None:
    parts = split(ratings, "global")
    n = len(ratings)
    # Ties go to the later part, so a part can only start earlier than its position, by the size of one tie.
    assert len(parts.train) <= 64 * n // 100
    assert len(parts.train) + len(parts.validation) <= -(-80 * n // 100)
    if len(set(ratings.rated_at.tolist())) == n:
        assert len(parts.train) == 64 * n // 100
        assert len(parts.test) == n - -(-80 * n // 100)


@given(logs())
def test_per_user_orders_times_strictly_within_a_user(ratings: Ratings) -> None:
    parts = split(ratings, "per-user")
    for user in np.unique(ratings.user_index):
        train, validation, test = (
            ratings.rated_at[part[ratings.user_index[part] == user]]
            for part in (parts.train, parts.validation, parts.test)
        )
        for earlier, later in [(train, validation), (train, test), (validation, test)]:
            if len(earlier) and len(later):
                assert earlier.max() < later.min()


@given(logs())
def test_per_user_ties_that_straddle_a_boundary_go_to_the_later_part(ratings: Ratings) -> None:
    parts = split(ratings, "per-user")
    label = np.empty(len(ratings), int)
    for number, part in enumerate((parts.train, parts.validation, parts.test)):
        label[part] = number
    for user in np.unique(ratings.user_index):
        rows = np.flatnonzero(ratings.user_index == user)
        n = len(rows)
        plain = [(i >= 64 * n // 100) + (i >= -(-80 * n // 100)) for i in range(n)]
        times = ratings.rated_at[rows]
        expected = [max(p for p, t in zip(plain, times, strict=True) if t == time) for time in times]
        assert label[rows].tolist() == expected


def test_per_user_by_hand() -> None:
    at = np.array([1, 2, 3, 4, 5, 6, 7, 8, 8, 9])
    ratings = Ratings(np.ones(10, np.int32), np.arange(1, 11, dtype=np.int32), np.ones(10, np.float32), at)
    parts = split(ratings, "per-user")
    # 10 ratings: validation from position 6, test from 8; the two ratings at time 8 straddle it and are test.
    assert parts.train.tolist() == [0, 1, 2, 3, 4, 5]
    assert parts.validation.tolist() == [6]
    assert parts.test.tolist() == [7, 8, 9]


@pytest.mark.parametrize("count", [15, 25, 100])
def test_boundaries_are_integer_arithmetic(count: int) -> None:
    ratings = Ratings(
        np.ones(count, np.int32),
        np.arange(count, dtype=np.int32),
        np.ones(count, np.float32),
        np.arange(count),
    )
    assert len(split(ratings, "global").test) == count // 5


def test_paper_depends_on_the_seed_alone(make_tiny_dataset) -> None:
    ratings = make_tiny_dataset(0, events=60, users=9, movies=9).ratings
    first, again, other = (split(ratings, "paper", seed) for seed in (1, 1, 2))
    assert first.test.tolist() == again.test.tolist() != other.test.tolist()


@pytest.mark.parametrize("protocol", ["global", "per-user"])
def test_ratings_of_one_time_leave_parts_empty_which_is_an_error_where_they_are_needed(protocol):
    row = np.arange(1, 21, dtype=np.int32)
    parts = split(Ratings(row % 3, row, np.full(20, 5, np.float32), np.full(20, 7, np.int64)), protocol)
    assert parts.counts == {"train": 0, "validation": 0, "test": 20}
    assert parts.holding("test") is parts
    with pytest.raises(InputError, match="needs some for train, test, and finds 0 in train"):
        parts.holding("train", "test")


def test_a_split_of_many_times_holds_every_part():
    row = np.arange(1, 21, dtype=np.int32)
    parts = split(Ratings(row % 3, row, np.full(20, 5, np.float32), row.astype(np.int64)), "global")
    assert parts.holding(*PARTS).counts == {"train": 12, "validation": 4, "test": 4}
