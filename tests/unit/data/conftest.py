"""Small random data sets: few users, movies and moments, so that ties and repeated entities are common."""

from collections.abc import Callable

import numpy as np
import pytest

from kgrec_gds.data.dataset import Dataset, Facts, Movies, Ratings, Vectors

MakeDataset = Callable[..., Dataset]


def make(
    seed: int, *, events: int = 40, users: int = 4, movies: int = 6, moments: int = 25, step: int = 40_000
) -> Dataset:
    rng = np.random.default_rng(seed)
    rows = {(int(u), int(m)): int(t) for u, m, t in zip(
        rng.integers(1, users + 1, events), rng.integers(1, movies + 1, events),
        rng.integers(0, moments, events) * step + 1_000_000_000, strict=True,
    )}  # fmt: skip
    order = sorted((t, u, m) for (u, m), t in rows.items())
    table = np.array(order, np.int64).reshape(-1, 3)
    ratings = Ratings(
        table[:, 1].astype(np.int32),
        table[:, 2].astype(np.int32),
        rng.integers(1, 11, len(table)).astype(np.float32),
        table[:, 0],
    )
    facts, vectors = {}, {}
    for relation, entities in {"directors": 3, "actors": 4, "writers": 2, "genres": 3}.items():
        lists = [[], *(sorted(rng.permutation(entities)[: rng.integers(0, 3)] + 1) for _ in range(movies))]
        indptr = np.cumsum([0, *(len(row) for row in lists)])
        keys = np.array(["", *(f"{relation}{number}" for number in range(entities))], object)
        facts[relation] = Facts(keys, indptr, np.array([e for row in lists for e in row], np.int32))
        vectors[relation] = rng.normal(size=(entities + 1, 4)).astype(np.float32)
    names = np.array(["", *(f"tt{number:07}" for number in range(movies))], object)
    year = np.array([np.nan, *rng.integers(1990, 2001, movies)], np.float32)
    if movies > 2:
        year[2] = np.nan
    rows_of_vectors = rng.normal(size=(movies + 1, 4)).astype(np.float32)
    rows_of_vectors[[0, -1]] = 0
    catalogue = Movies(names, names, year, rng.random(movies + 1).astype(np.float32) * 10,
                       rng.integers(5, 1000, movies + 1).astype(np.float32), facts)  # fmt: skip
    ids = np.array(["", *(f"u{number}" for number in range(users))], object)
    return Dataset(ids, catalogue, ratings, Vectors("fastrp", rows_of_vectors, vectors))


@pytest.fixture(scope="session")
def make_dataset() -> MakeDataset:
    return make
