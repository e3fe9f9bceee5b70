"""The nearest-neighbour check: do movies that lie together have people and genres in common?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

NEIGHBOURS = 10
_QUERIES = 2_000
_CHANCE_PAIRS = 100_000


@dataclass(frozen=True)
class Shared:
    """Share of a movie's nearest neighbours (cosine) that share something with it, and the same by chance."""

    director: float
    leading_actor: float
    genre: float


def share_of_neighbours(
    vectors: NDArray[np.float32], memberships: dict[str, sparse.csr_matrix], rng: np.random.Generator
) -> Shared:
    """Over (at most 2,000) movies and their 10 nearest neighbours by cosine.

    Args:
        vectors: (movies, embedding_size), without NaN.
        memberships: `director`, `leading_actor`, `genre` -> (movies, entities), 1 where the movie has it.
        rng: chooses the movies where there are more.
    """
    from sklearn.neighbors import NearestNeighbors

    queries = rng.permutation(len(vectors))[:_QUERIES]
    count = min(NEIGHBOURS + 1, len(vectors))
    index = NearestNeighbors(n_neighbors=count, metric="cosine", algorithm="brute").fit(vectors)
    near = index.kneighbors(vectors[queries], return_distance=False)
    one = np.repeat(queries, count)
    other = near.ravel()
    different = one != other
    return _shared(one[different], other[different], memberships)


def share_by_chance(
    movies: int, memberships: dict[str, sparse.csr_matrix], rng: np.random.Generator
) -> Shared:
    """The same over pairs of different movies drawn at random."""
    one, other = rng.integers(movies, size=(2, _CHANCE_PAIRS))
    different = one != other
    return _shared(one[different], other[different], memberships)


def _shared(
    one: NDArray[np.int64], other: NDArray[np.int64], memberships: dict[str, sparse.csr_matrix]
) -> Shared:
    shares = {
        name: float((np.asarray(matrix[one].multiply(matrix[other]).sum(axis=1)) > 0).mean())
        for name, matrix in memberships.items()
    }
    return Shared(**shares)
