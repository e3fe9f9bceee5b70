"""The share that the validation events choose."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgrec_gds.models.held_out import HeldOut, best_share

_RATINGS = st.lists(st.tuples(*(st.floats(1, 10, width=32) for _ in range(3))), min_size=1, max_size=30)


def _halves(rows: list[tuple[float, float, float]]) -> tuple[HeldOut, HeldOut]:
    first, second, actual = np.array(rows, np.float32).T
    weight = np.linspace(0.5, 1.5, len(actual))
    return HeldOut(first, actual, weight), HeldOut(second, actual, weight)


def test_by_hand() -> None:
    # 4 of 8 above the second, 6 wanted: one half of the way; then all of it; then none.
    for actual, share in ((6.0, 0.5), (9.0, 1.0), (3.0, 0.0)):
        first, second = _halves([(8.0, 4.0, actual)])
        assert best_share(first, second) == share


def test_halves_that_agree_share_alike() -> None:
    first, second = _halves([(5.0, 5.0, 7.0)])
    assert best_share(first, second) == 0.5


@given(_RATINGS)
def test_no_other_share_is_better(rows: list[tuple[float, float, float]]) -> None:
    first, second = _halves(rows)

    def error(share: float) -> float:
        mixed = share * first.predicted.astype(float) + (1 - share) * second.predicted.astype(float)
        return float(np.average((mixed - first.actual) ** 2, weights=first.weight))

    chosen = best_share(first, second)
    assert error(chosen) <= min(error(share) for share in np.linspace(0, 1, 21)) + 1e-9
    assert chosen == pytest.approx(1 - best_share(second, first), abs=1e-6)
