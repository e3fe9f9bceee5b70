"""Cosines of movie vectors are exact, so that equally similar movies tie on every machine."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from kgrec_gds.features.movie_vectors import unit

VECTORS = arrays.arrays(
    np.float32,
    st.tuples(st.integers(1, 12), st.integers(1, 80)),
    elements=st.floats(-1000, 1000, width=32),
)


@given(VECTORS, st.randoms(use_true_random=False))
def test_a_cosine_is_the_same_in_whatever_order_it_is_added_up(vectors: np.ndarray, random) -> None:
    rows = unit(vectors)
    order = list(range(vectors.shape[1]))
    random.shuffle(order)
    exact = rows.astype(np.float64) @ rows.T.astype(np.float64)
    one_by_one = np.cumsum(rows[:, None, order] * rows[None, :, order], axis=2, dtype=np.float32)[..., -1]
    np.testing.assert_array_equal(one_by_one, exact)
    np.testing.assert_array_equal(rows @ rows.T, exact)


@given(VECTORS)
def test_a_row_has_length_one_or_is_zero(vectors: np.ndarray) -> None:
    length = np.linalg.norm(unit(vectors), axis=1)
    some = np.linalg.norm(vectors.astype(np.float64), axis=1) > 1e-9
    np.testing.assert_allclose(length[some], 1.0, atol=2**-12 * np.sqrt(vectors.shape[1]))
    assert not length[~vectors.any(axis=1)].any()
