"""Shared by unit tests: a small made-up data set with facts, vectors, ties and users of every length of history."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from kgrec_gds.data.dataset import Dataset, Facts, Movies, Ratings, Vectors


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
    facts = {name: _facts(rng, movies, name) for name in ("directors", "actors", "writers", "genres")}
    vectors = Vectors(
        "fastrp",
        _rows(rng, movies + 1),
        {name: _rows(rng, len(relation.keys)) for name, relation in facts.items()},
    )
    tconst = np.array(["", *(f"tt{number:07d}" for number in range(1, movies + 1))], object)
    year = np.concatenate([[np.nan], rng.integers(1980, 2020, movies)]).astype(np.float32)
    nothing = np.full(movies + 1, np.nan, np.float32)
    catalogue = Movies(tconst, tconst, year, nothing, nothing, facts)
    ids = np.array(["", *(str(number) for number in range(1, users + 1))], object)
    return Dataset(ids, catalogue, ratings, vectors)


def _facts(rng: np.random.Generator, movies: int, name: str) -> Facts:
    counts = np.concatenate([[0], rng.integers(0, 4, movies)])
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    keys = np.array(["", *(f"{name}{number}" for number in range(1, 12))], object)
    return Facts(keys, indptr, rng.integers(1, 12, indptr[-1]).astype(np.int32))


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


@pytest.fixture
def a_gpu(monkeypatch):
    """Keras finds a GPU, and therefore compiles with XLA where it can."""
    from kgrec_gds.models.keras_backend import tf

    found = [tf.config.PhysicalDevice("/physical_device:GPU:0", "GPU")]
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda *_: found)
