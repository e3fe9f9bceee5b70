"""Links of each row's movie, against counting one by one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kgrec_gds.data.links import Links


@given(st.integers(0, 2**32), st.lists(st.integers(0, 6), max_size=9))
def test_links_and_their_sums_agree_with_the_movies_own(
    make_tiny_dataset, seed: int, movies: list[int]
) -> None:
    for relation in make_tiny_dataset(seed).movies.relations.values():
        links = Links.of(relation, np.array(movies, np.int32))
        own = [relation.of(movie).tolist() for movie in movies]
        assert list(zip(links.row.tolist(), links.entity.tolist(), strict=True)) == [
            (row, entity) for row, entities in enumerate(own) for entity in entities
        ]
        values = links.entity - 2.5
        assert links.count.tolist() == [len(entities) for entities in own]
        assert links.total(values).tolist() == [sum(e - 2.5 for e in entities) for entities in own]
