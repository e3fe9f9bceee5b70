import numpy as np
import pytest

from kgrec_gds.data.query import Queries
from kgrec_gds.data.sequences import Histories, batches, lay_out, row_arrays


@pytest.fixture(scope="module")
def laid_out(dataset):
    histories = dataset.derive(Histories.of)
    queries = Queries.of(dataset.ratings)
    return dataset.ratings, histories, queries, lay_out(histories, queries, 16, 8, 16)


def test_every_query_stands_in_one_row_and_rows_are_short(laid_out):
    ratings, _, _, rows = laid_out
    assert sorted(rows.query) == list(range(len(ratings)))
    assert rows.queries.max() <= 16
    assert (rows.end - rows.begin).max() <= 8 + 16


def test_a_query_sees_the_strictly_earlier_steps_of_its_block_and_burn_in(laid_out):
    ratings, histories, queries, rows = laid_out
    steps, padded, number = row_arrays(histories, rows, np.arange(len(rows)), queries)
    for row, place in zip(*np.nonzero(number >= 0), strict=True):
        event = number[row, place]
        mine = ratings.user_index == ratings.user_index[event]
        before = np.flatnonzero(mine & (ratings.rated_at < ratings.rated_at[event]))
        kept = len(before) - max(len(before) // 16 * 16 - 8, 0)
        assert padded["visible"][row, place] == kept
        seen = steps["movie"][row, :kept]
        np.testing.assert_array_equal(seen, ratings.movie_index[before[len(before) - kept :]])
        gap = padded["at"][row, place] - steps["at"][row, :kept]
        np.testing.assert_array_equal(
            gap, ratings.rated_at[event] - ratings.rated_at[before[len(before) - kept :]]
        )


@pytest.mark.parametrize("seed", [None, 3])
def test_batches_hold_every_chosen_row_once_and_stay_small(laid_out, seed):
    rows = laid_out[3]
    chosen = np.arange(0, len(rows), 2)
    rng = None if seed is None else np.random.default_rng(seed)
    groups = list(batches(rows, chosen, 64, rng))
    assert sorted(np.concatenate(groups)) == list(chosen)
    assert all(len(group) == 1 or rows.queries[group].max() * len(group) <= 64 for group in groups)


def test_a_user_without_history_has_a_row_without_steps(laid_out):
    _, histories, _, _ = laid_out
    newcomer = Queries.at_time(np.zeros(3, np.int32), np.array([1, 2, 3], np.int32), 2_000_000_000)
    rows = lay_out(histories, newcomer, 16, 8, 16)
    assert list(rows.end - rows.begin) == [0]
    assert list(rows.visible) == [0, 0, 0]
