"""What one user's score is made of: liked together, shared people and popularity, each divided by its deviation.

    score(m) = a E(m) / sd(E) + b F(m) / sd(F) + c P(m) / sd(P)

The standard deviations are over all movies that the user has not rated. E and F are zero for most movies, so a user's
signals list only the movies where they are not, and the most popular of the others.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.ranking.cases import RankingCases, histories
from kgrec_gds.ranking.item_weights import LIKED, rated_at_least
from kgrec_gds.ranking.popularity import popularity_at_times
from kgrec_gds.ranking.shared_people import SharedPeople

#: Users whose sparse products are held at once.
_BLOCK = 512
_FIRST_LOOK = 2_000
#: One of so many movies bounds the popularity of the most popular ones.
_EVERY = 64


@dataclass(frozen=True)
class UserSignals:
    """The movies that can be among a user's top k, with the three parts of their score before weighting."""

    movie_index: NDArray[np.int64]
    """Shape (candidates,)."""
    parts: NDArray[np.float64]
    """E / sd(E), F / sd(F) and P / sd(P), shape (candidates, 3)."""
    deviations: tuple[float, float, float]
    """sd(E), sd(F) and sd(P); a part whose deviation is 0 is 0."""

    def top(
        self, weights: NDArray[np.float64], tie: NDArray[np.uint32], k: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Places in `movie_index` of the k highest scores, best first, and the scores."""
        score = self.parts @ weights
        best = highest(score, tie[self.movie_index], k)
        return best, score[best]


def highest(values: NDArray[np.float64], tie: NDArray[np.uint32], k: int) -> NDArray[np.int64]:
    """Places of the k highest values, best first; equal ones by `tie`, ascending."""
    near = np.arange(len(values))
    if k < len(values):
        near = np.flatnonzero(values >= np.partition(values, len(values) - k)[len(values) - k])
    return near[np.lexsort((tie[near], -values[near]))[:k]]


def tie_order(dataset: Dataset) -> NDArray[np.uint32]:
    """CRC-32 of each tconst: breaks ties in an order that says nothing about a movie's age, the same in Java."""
    return np.array([zlib.crc32(str(tconst).encode()) for tconst in dataset.movies.tconst], np.uint32)


@dataclass(frozen=True)
class _Popularity:
    """Popularity of every movie, with what is the same for all users."""

    values: NDArray[np.float64]
    order: NDArray[np.int64] | None
    """Movies by popularity, highest first; None where only one user needs them."""
    total: float
    squares: float

    @classmethod
    def of(cls, values: NDArray[np.float64], tie: NDArray[np.uint32] | None = None) -> "_Popularity":
        """With `tie`, the movies are put in order."""
        order = None if tie is None else np.lexsort((tie, -values))
        return cls(values, order, values.sum(), float(values @ values))

    def deviation_without(self, rated: NDArray[np.int32], count: int) -> float:
        """Standard deviation over the `count` movies that are neither rated nor padding."""
        values = self.values
        unrated = self.total - values[rated].sum() - values[0]
        squares = self.squares - (values[rated] ** 2).sum() - values[0] ** 2
        return _deviation(unrated, squares, count)


def user_signals(
    weights: csr_matrix,
    people: SharedPeople,
    histories: csr_matrix,
    popularity: NDArray[np.float64],
    tie: NDArray[np.uint32],
    k: int,
    allowed: NDArray[np.bool_] | None = None,
) -> Iterator[UserSignals]:
    """Signals of each user, one after the other.

    Args:
        weights: item-item weights, shape (movies, movies).
        people: people of the movies.
        histories: ratings by movie, shape (users, movies).
        popularity: shape (movies,), or (users, movies) where the users are asked at different times.
        tie: of `tie_order`.
        k: how many places are to be filled.
        allowed: movies that may be recommended; all by default. Deviations are over all unrated movies nevertheless.
    """
    shared_popularity = _Popularity.of(popularity, tie) if popularity.ndim == 1 else None
    seen = np.zeros(weights.shape[0], bool)
    liked = rated_at_least(histories, LIKED).astype(np.float64)
    for first in range(0, histories.shape[0], _BLOCK):
        block = liked[first : first + _BLOCK]
        together, shared = (block @ weights).tocsr(), ((block @ people.unit) @ people.by_person).tocsr()
        for row in range(block.shape[0]):
            user = first + row
            now = shared_popularity or _Popularity.of(popularity[user])
            rated = histories.indices[histories.indptr[user] : histories.indptr[user + 1]]
            yield _signals_of(_row(together, row), _row(shared, row), rated, now, tie, seen, k, allowed)


def case_signals(
    weights: csr_matrix, dataset: Dataset, cases: RankingCases, half_life: float, k: int
) -> Iterator[UserSignals]:
    """Signals of each case, with the user's ratings and the popularity before its time; see `user_signals`."""
    people, tie = dataset.derive(SharedPeople.of), dataset.derive(tie_order)
    for block in cases.blocks():
        rated = histories(dataset, block.user_index, block.at)
        popularity = popularity_at_times(dataset.ratings, len(dataset.movies), block.at, half_life)
        yield from user_signals(weights, people, rated, popularity, tie, k)


def _row(matrix: csr_matrix, row: int) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    part = slice(matrix.indptr[row], matrix.indptr[row + 1])
    return matrix.indices[part], matrix.data[part]


def _signals_of(
    together: tuple[NDArray[np.int32], NDArray[np.float64]],
    shared: tuple[NDArray[np.int32], NDArray[np.float64]],
    rated: NDArray[np.int32],
    popularity: _Popularity,
    tie: NDArray[np.uint32],
    seen: NDArray[np.bool_],
    k: int,
    allowed: NDArray[np.bool_] | None,
) -> UserSignals:
    seen[0] = seen[rated] = True
    sparse = []
    count = len(seen) - 1 - len(rated)
    for index, values in (together, shared):
        there = ~seen[index]
        sparse.append(
            (index[there], values[there], _deviation(values[there].sum(), (values[there] ** 2).sum(), count))
        )
    deviation = popularity.deviation_without(rated, count)
    movies = np.union1d(sparse[0][0], sparse[1][0]).astype(np.int64)
    if allowed is not None:
        movies = movies[allowed[movies]]
    seen[movies] = True
    if popularity.order is None:
        head = _most_popular(popularity.values, ~seen if allowed is None else ~seen & allowed, tie, k)
    else:
        head = _first_free(popularity.order, seen, allowed, k)
    movies = np.concatenate([movies, head])
    seen[0] = seen[rated] = seen[movies] = False
    parts = np.zeros((len(movies), 3))
    for column, (index, values, spread) in enumerate(sparse):
        if spread > 0:
            parts[:, column] = _looked_up(movies, index, values) / spread
    if deviation > 0:
        parts[:, 2] = popularity.values[movies] / deviation
    return UserSignals(movies, parts, (sparse[0][2], sparse[1][2], deviation))


def _deviation(total: float, squares: float, count: int) -> float:
    """Population standard deviation of `count` values of which most are 0; 0 where only rounding is left."""
    if count <= 0 or squares <= 0:
        return 0.0
    variance = squares / count - (total / count) ** 2
    return float(np.sqrt(variance)) if variance > 1e-12 * squares / count else 0.0


def _looked_up(
    movies: NDArray[np.int64], index: NDArray[np.int32], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    place, there = places(index, movies)
    found = np.zeros(len(movies))
    found[there] = values[place[there]]
    return found


def places(
    keys: NDArray[np.integer], wanted: NDArray[np.integer]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Place of each wanted key among distinct keys, and whether it is one of them."""
    if not len(keys):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), bool)
    order = np.argsort(keys)
    place = order[np.minimum(np.searchsorted(keys, wanted, sorter=order), len(keys) - 1)]
    return place, keys[place] == wanted


def _most_popular(
    values: NDArray[np.float64], free: NDArray[np.bool_], tie: NDArray[np.uint32], k: int
) -> NDArray[np.int64]:
    """The k free movies of the highest values, best first."""
    sample = values[::_EVERY][free[::_EVERY]]
    if len(sample) > k:
        # The k-th of all is at least the k-th of a part.
        free = free & (values >= np.partition(sample, len(sample) - k)[len(sample) - k])
    near = np.flatnonzero(free)
    return near[highest(values[near], tie[near], k)]


def _first_free(
    order: NDArray[np.int64], seen: NDArray[np.bool_], allowed: NDArray[np.bool_] | None, k: int
) -> NDArray[np.int64]:
    """The first k movies, most popular first, that are neither rated nor listed yet."""
    for part in (order[:_FIRST_LOOK], order):
        free = part[~seen[part]]
        if allowed is not None:
            free = free[allowed[free]]
        if len(free) >= k:
            break
    return free[:k]
