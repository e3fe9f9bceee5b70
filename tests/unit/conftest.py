"""Shared by unit tests: a small made-up data set with relations, vectors, ties and users of every length of history."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from kgrec_gds.data.dataset import Dataset, Movies, Ratings, Relation, Vectors


def small_dataset(users: int = 24, movies: int = 50, events: int = 900, seed: int = 0) -> Dataset:
    rng = np.random.default_rng(seed)
    share = rng.dirichlet(np.linspace(0.2, 3.0, users))
    user = 1 + rng.choice(users, events, p=share)
    movie = 1 + rng.integers(0, movies, events)
    _, first = np.unique(user * 1000 + movie, return_index=True)
    user, movie = user[first], movie[first]
    # A third of the times are shared: ties within and between users.
    at = 1_000_000_000 + 3_600 * rng.integers(0, len(user) // 2, len(user))
    taste = rng.normal(size=users + 1)[user] + rng.normal(size=movies + 1)[movie]
    rating = np.clip(np.round(6.5 + taste + 0.5 * rng.normal(size=len(user))), 1, 10)
    order = np.lexsort((movie, user, at))
    ratings = Ratings(
        user[order].astype(np.int32),
        movie[order].astype(np.int32),
        rating[order].astype(np.float32),
        at[order].astype(np.int64),
    )
    relations = {name: _relation(rng, movies, name) for name in ("directors", "actors", "writers", "genres")}
    vectors = Vectors(
        "fastrp",
        _rows(rng, movies + 1),
        {name: _rows(rng, len(relation.keys)) for name, relation in relations.items()},
    )
    tconst = np.array(["", *(f"tt{number:07d}" for number in range(1, movies + 1))], object)
    year = np.concatenate([[np.nan], rng.integers(1980, 2020, movies)]).astype(np.float32)
    nothing = np.full(movies + 1, np.nan, np.float32)
    catalogue = Movies(tconst, tconst, year, nothing, nothing, relations)
    ids = np.array(["", *(str(number) for number in range(1, users + 1))], object)
    return Dataset(ids, catalogue, ratings, vectors)


def _relation(rng: np.random.Generator, movies: int, name: str) -> Relation:
    counts = np.concatenate([[0], rng.integers(0, 4, movies)])
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    keys = np.array(["", *(f"{name}{number}" for number in range(1, 12))], object)
    return Relation(keys, indptr, rng.integers(1, 12, indptr[-1]).astype(np.int32))


def _rows(rng: np.random.Generator, count: int) -> np.ndarray:
    rows = rng.normal(size=(count, 8)).astype(np.float32)
    rows[0] = 0
    return rows


@pytest.fixture(scope="session")
def make_dataset() -> Callable[..., Dataset]:
    return small_dataset


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    return small_dataset()


@pytest.fixture(scope="session")
def small_network() -> dict[str, Any]:
    """Hyperparameters with short blocks, so that even short histories cross their borders."""
    return {
        "epochs": 2,
        "block": 16,
        "burn_in": 8,
        "attention_steps": 8,
        "lstm_units": 16,
        "hidden": (16, 8),
        "batch_queries": 256,
    }


@pytest.fixture(scope="session")
def similarity_model() -> Any:
    """A model that needs no fit: the residuals of the user's latest eight ratings, weighted by similarity."""
    from kgrec_gds.data.query import Queries
    from kgrec_gds.models.base import Attention, RatingModel, on_scale

    class SimilarityModel(RatingModel):
        window = 8

        def fit(self, dataset, split, seed, *, callback=None, checkpoints=None):
            return self

        def predict_residual(self, dataset, queries):
            return self._attend(dataset, queries)[0]

        def predict_with_attention(self, dataset, queries):
            residual, attention = self._attend(dataset, queries)
            return on_scale(self.baseline(dataset, queries) + residual), attention

        def _attend(self, dataset, queries):
            ratings, count = dataset.ratings, len(queries)
            off = ratings.rating - self.baseline(dataset, Queries.of(ratings))
            vectors = dataset.vectors.movies
            movies = np.zeros((count, self.window), np.int32)
            weights, residual = np.zeros((count, self.window), np.float32), np.zeros(count, np.float32)
            for row in range(count):
                known = (ratings.user_index == queries.user_index[row]) & (
                    ratings.rated_at < queries.known_until[row]
                )
                steps = np.flatnonzero(known)[-self.window :]
                if not len(steps):
                    continue
                movies[row, -len(steps) :] = ratings.movie_index[steps]
                weight = np.exp(vectors[ratings.movie_index[steps]] @ vectors[queries.movie_index[row]])
                weights[row, -len(steps) :] = weight / weight.sum()
                residual[row] = weights[row, -len(steps) :] @ off[steps]
            return residual, Attention(movies, weights)

        def save(self, folder):
            raise NotImplementedError

        @classmethod
        def load(cls, folder):
            raise NotImplementedError

    return SimilarityModel()


@pytest.fixture
def a_gpu(monkeypatch):
    """Keras finds a GPU, and therefore compiles with XLA where it can."""
    from kgrec_gds.keras_backend import tf

    found = [tf.config.PhysicalDevice("/physical_device:GPU:0", "GPU")]
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda *_: found)


def tiny_dataset(
    seed: int, *, events: int = 40, users: int = 4, movies: int = 6, times: int = 25, step: int = 40_000
) -> Dataset:
    """Few users, movies and times, so that ties and repeated entities are common."""
    rng = np.random.default_rng(seed)
    rows = {(int(u), int(m)): int(t) for u, m, t in zip(
        rng.integers(1, users + 1, events), rng.integers(1, movies + 1, events),
        rng.integers(0, times, events) * step + 1_000_000_000, strict=True,
    )}  # fmt: skip
    order = sorted((t, u, m) for (u, m), t in rows.items())
    table = np.array(order, np.int64).reshape(-1, 3)
    ratings = Ratings(
        table[:, 1].astype(np.int32),
        table[:, 2].astype(np.int32),
        rng.integers(1, 11, len(table)).astype(np.float32),
        table[:, 0],
    )
    relations, vectors = {}, {}
    for relation, entities in {"directors": 3, "actors": 4, "writers": 2, "genres": 3}.items():
        lists = [[], *(sorted(rng.permutation(entities)[: rng.integers(0, 3)] + 1) for _ in range(movies))]
        indptr = np.cumsum([0, *(len(row) for row in lists)])
        keys = np.array(["", *(f"{relation}{number}" for number in range(entities))], object)
        relations[relation] = Relation(keys, indptr, np.array([e for row in lists for e in row], np.int32))
        vectors[relation] = rng.normal(size=(entities + 1, 4)).astype(np.float32)
    names = np.array(["", *(f"tt{number:07}" for number in range(movies))], object)
    year = np.array([np.nan, *rng.integers(1990, 2001, movies)], np.float32)
    if movies > 2:
        year[2] = np.nan
    rows_of_vectors = rng.normal(size=(movies + 1, 4)).astype(np.float32)
    rows_of_vectors[[0, -1]] = 0
    catalogue = Movies(names, names, year, rng.random(movies + 1).astype(np.float32) * 10,
                       rng.integers(5, 1000, movies + 1).astype(np.float32), relations)  # fmt: skip
    ids = np.array(["", *(f"u{number}" for number in range(users))], object)
    return Dataset(ids, catalogue, ratings, Vectors("fastrp", rows_of_vectors, vectors))


@pytest.fixture(scope="session")
def make_tiny_dataset() -> Callable[..., Dataset]:
    return tiny_dataset
