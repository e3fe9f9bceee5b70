"""Holding triples out leaves every node and relationship type at least one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kgrec_gds.embeddings.triples import hold_out

NODES, TYPES = 12, 3


@given(
    st.lists(
        st.tuples(st.integers(0, NODES - 1), st.integers(0, TYPES - 1), st.integers(0, NODES - 1)),
        min_size=1,
        max_size=60,
        unique=True,
    ),
    st.floats(0.0, 0.9),
)
def test_every_node_and_type_keeps_a_triple(drawn: list[tuple[int, int, int]], share: float) -> None:
    triples = np.array(drawn)
    known, held_out = hold_out(triples, share, np.random.default_rng(0))
    assert sorted(map(tuple, np.concatenate([known, held_out]).tolist())) == sorted(drawn)
    assert len(held_out) <= len(triples) * share
    assert set(known[:, [0, 2]].ravel()) == set(triples[:, [0, 2]].ravel())
    assert set(known[:, 1]) == set(triples[:, 1])


def test_the_share_is_held_out() -> None:
    rng = np.random.default_rng(0)
    triples = np.stack(
        [rng.integers(0, 50, 2000), rng.integers(0, 3, 2000), rng.integers(0, 50, 2000)], axis=1
    )
    assert len(hold_out(triples, 0.05, rng)[1]) == 100
