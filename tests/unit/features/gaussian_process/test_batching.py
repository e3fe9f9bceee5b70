"""What the posterior mean says of similar movies, whatever queries share a batch."""

from dataclasses import replace

import numpy as np
import pytest

from kgrec_gds.data.dataset import Dataset, Ratings
from kgrec_gds.data.query import Queries
from kgrec_gds.features.gaussian_process import batching
from kgrec_gds.features.table import Features

COLUMN = "gaussian_process_vectors"


@pytest.fixture
def two_kinds(make_tiny_dataset) -> Dataset:
    """Two kinds of movies by graph vector, 1 to 10 and 11 to 20; no genres, and all of one year."""
    data = make_tiny_dataset(0, events=0, users=2, movies=20)
    vectors = data.vectors.movies.copy()
    vectors[1:] = np.where(np.arange(1, 21)[:, None] <= 10, 1.0, -1.0) * np.eye(vectors.shape[1])[0]
    relations = {name: relation for name, relation in data.movies.relations.items() if name != "genres"}
    return replace(
        data,
        movies=replace(data.movies, relations=relations, year=np.full(21, 2000, np.float32)),
        vectors=replace(data.vectors, movies=vectors.astype(np.float32)),
    )


def posterior_mean(data: Dataset, rated: list[int], movies: list[int]) -> np.ndarray:
    """User 1 rates `rated` 9 each, a day apart, after another user whose ratings average 5."""
    number = len(rated)
    ratings = Ratings(
        np.repeat([2, 1], [10, number]).astype(np.int32),
        np.array([*range(1, 11), *rated], np.int32),
        np.array([3, 7] * 5 + [9] * number, np.float32),
        np.concatenate([900_000_000 + np.arange(10), 1_000_000_000 + 86_400 * np.arange(number)]),
    )
    queries = Queries.at_time(np.ones(len(movies), np.int32), np.array(movies, np.int32), 1_100_000_000)
    return replace(data, ratings=ratings).derive(Features).table(queries, [COLUMN]).values[:, 0]


def test_movies_similar_to_liked_ones_are_expected_to_be_liked(two_kinds: Dataset) -> None:
    similar, other = posterior_mean(two_kinds, [1, 2, 3], [8, 18])
    assert similar > 2 * other
    assert other > 0  # what the latest ratings share, of whatever kind


def test_without_a_history_nothing_is_expected(two_kinds: Dataset) -> None:
    assert not posterior_mean(two_kinds, [], [1, 11]).any()


def test_a_query_has_one_value_in_every_batch(make_tiny_dataset, monkeypatch) -> None:
    monkeypatch.setattr(batching, "BLOCK_STEPS", 8)
    monkeypatch.setattr(batching, "EARLIER_STEPS", 8)
    data = make_tiny_dataset(0, events=300, users=4, movies=20)
    days = data.ratings.rated_at // 86_400 * 86_400  # many share a time
    data = replace(data, ratings=replace(data.ratings, rated_at=days))
    queries = Queries.of(data.ratings)
    together = data.derive(Features).table(queries, [COLUMN]).values
    assert np.abs(together).max() > 0.01
    monkeypatch.setattr(batching, "_CELLS", 1)
    np.testing.assert_allclose(data.derive(Features).table(queries, [COLUMN]).values, together, atol=1e-6)
