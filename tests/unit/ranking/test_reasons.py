import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kgrec_gds.ranking.reasons import MOST_REASONS, _largest

_PLACES = 4
_parts = st.lists(
    st.tuples(st.integers(0, _PLACES - 1), st.sampled_from([-1.0, 0.0, 0.25, 0.5, 0.75, 1.0])), max_size=40
)


@given(_parts)
def test_each_place_has_its_largest_positive_parts_and_equal_ones_in_order(parts):
    place = np.array([place for place, _ in parts], np.int64)
    part = np.array([part for _, part in parts], np.float64)
    index = np.arange(100, 100 + len(parts), dtype=np.int32)
    expected = []
    for wanted in range(_PLACES):
        mine = [(int(index[row]), each) for row, (at, each) in enumerate(parts) if at == wanted and each > 0]
        expected.append(sorted(mine, key=lambda it: -it[1])[:MOST_REASONS])
    assert _largest(place, index, part, _PLACES) == expected
