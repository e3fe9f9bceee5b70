"""Nearest-neighbour check: the share of near movies that have people and genres in common."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

NEIGHBOURS = 10
_QUERIES = 2_000
_CHANCE_PAIRS = 100_000


@dataclass(frozen=True)
class SharedAttributes:
    """Shares of pairs of movies that have a director, a leading actor or a genre in common."""

    director: float
    leading_actor: float
    genre: float


def share_of_neighbours(
    vectors: NDArray[np.float32], attributes: dict[str, sparse.csr_matrix], rng: np.random.Generator
) -> SharedAttributes:
    """Shares over the pairs of (at most 2,000) movies and their 10 nearest neighbours by cosine.

    Args:
        vectors: (movies, dimension), without NaN.
        attributes: `director`, `leading_actor`, `genre` -> (movies, entities), 1 where the movie has it.
        rng: samples the movies if there are more.
    """
    from sklearn.neighbors import NearestNeighbors

    queries = rng.permutation(len(vectors))[:_QUERIES]
    count = min(NEIGHBOURS + 1, len(vectors))
    index = NearestNeighbors(n_neighbors=count, metric="cosine", algorithm="brute").fit(vectors)
    near = index.kneighbors(vectors[queries], return_distance=False)
    one = np.repeat(queries, count)
    other = near.ravel()
    different = one != other
    return _shared(one[different], other[different], attributes)


def share_by_chance(
    movies: int, attributes: dict[str, sparse.csr_matrix], rng: np.random.Generator
) -> SharedAttributes:
    """Shares over random pairs of different movies."""
    one, other = rng.integers(movies, size=(2, _CHANCE_PAIRS))
    different = one != other
    return _shared(one[different], other[different], attributes)


def _shared(
    one: NDArray[np.int64], other: NDArray[np.int64], attributes: dict[str, sparse.csr_matrix]
) -> SharedAttributes:
    shares = {
        name: float((np.asarray(matrix[one].multiply(matrix[other]).sum(axis=1)) > 0).mean())
        for name, matrix in attributes.items()
    }
    return SharedAttributes(**shares)
