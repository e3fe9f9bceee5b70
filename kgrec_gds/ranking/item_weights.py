"""Item-item weights: what liking one movie says for another (EASE, Steck 2019).

    P = (X^T X + lambda I)^-1,    B = -P / diag(P) with zero diagonal

X is the matrix of users and the movies that they liked. Of each movie's weights only the strongest are kept, as they stand
in the graph as LIKED_TOGETHER.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack
from scipy.sparse import csr_matrix

from kgrec_gds.data.dataset import Ratings

#: Lowest rating of a liked movie (4 of 5 stars).
LIKED = 8.0
#: Weights kept of each movie.
STRONGEST = 100
#: Movies that fewer users liked have no weights.
LEAST_LIKES = 3
#: Most movies with weights, the most liked ones: the inverse of a dense matrix of that many is 1.6 GB and takes minutes.
MOST_MOVIES = 20_000
#: Rows of the dense matrix that are worked on at once.
_ROWS = 512


def rated_at_least(ratings: csr_matrix, least: float) -> csr_matrix:
    """1 for each rating of at least `least`, of a matrix of ratings; the others are no entries."""
    found = csr_matrix(ratings, copy=True)
    found.data = (found.data >= least).astype(np.float32)
    found.eliminate_zeros()
    return found


def item_weights(
    ratings: Ratings,
    movies: int,
    regularisation: float,
    *,
    strongest: int = STRONGEST,
    most_movies: int = MOST_MOVIES,
) -> csr_matrix:
    """Fit the weights B and keep the strongest of each movie.

    Args:
        ratings: the ratings to fit on.
        movies: number of movies with the padding row.
        regularisation: lambda.
        strongest: how many weights a movie keeps, those of largest magnitude.
        most_movies: how many movies have weights, the most liked ones.

    Returns:
        shape (movies, movies): row l, column m is the weight of liking l for m.
    """
    kept = liked_movies(ratings, movies, most_movies)
    if not len(kept):
        return csr_matrix((movies, movies), dtype=np.float32)
    liked = ratings.take(ratings.rating >= LIKED)
    return _strongest(_inverse(_gram(liked, kept), regularisation), kept, movies, min(strongest, len(kept)))


def liked_movies(ratings: Ratings, movies: int, most: int = MOST_MOVIES) -> NDArray[np.int64]:
    """The movies that can have weights, ascending: those with `LEAST_LIKES` likes, the most liked ones if there are more."""
    counts = np.bincount(ratings.movie_index[ratings.rating >= LIKED], minlength=movies)
    kept = np.flatnonzero(counts >= LEAST_LIKES)
    return np.sort(kept[np.argsort(-counts[kept], kind="stable")[:most]])


def _gram(liked: Ratings, kept: NDArray[np.int64]) -> NDArray[np.float32]:
    """X^T X over the kept movies, shape (kept, kept)."""
    column = np.searchsorted(kept, liked.movie_index)
    there = kept[np.minimum(column, len(kept) - 1)] == liked.movie_index
    shape = (int(liked.user_index.max()) + 1, len(kept))
    ones = np.ones(there.sum(), np.float32)
    matrix = csr_matrix((ones, (liked.user_index[there], column[there])), shape=shape)
    transposed, gram = matrix.T.tocsr(), np.empty((len(kept), len(kept)), np.float32, order="F")
    # In blocks: the whole product as a sparse matrix can be larger than the dense one.
    for begin in range(0, len(kept), _ROWS):
        block = slice(begin, begin + _ROWS)
        gram[:, block] = (transposed[block] @ matrix).toarray().T
    return gram


def _inverse(gram: NDArray[np.float32], regularisation: float) -> NDArray[np.float32]:
    """The lower half of P, in place of X^T X: the Cholesky factor, then the inverse from it."""
    np.fill_diagonal(gram, gram.diagonal() + np.float32(regularisation))
    factor, _ = lapack.spotrf(gram, lower=1, overwrite_a=1)
    inverse: NDArray[np.float32] = lapack.spotri(factor, lower=1, overwrite_c=1)[0]
    return inverse


def _strongest(lower: NDArray[np.float32], kept: NDArray[np.int64], movies: int, count: int) -> csr_matrix:
    """B by the lower half of P, a block of rows at a time, and of each row the `count` weights of largest magnitude."""
    values, columns = np.empty((len(kept), count), np.float32), np.empty((len(kept), count), np.int64)
    every, diagonal = np.arange(len(kept)), lower.diagonal()
    for begin in range(0, len(kept), _ROWS):
        rows = every[begin : begin + _ROWS, None]
        block = slice(begin, begin + _ROWS)
        weights = np.where(every < rows, lower[block], lower[:, block].T) / -diagonal
        weights[rows == every] = 0
        columns[block] = np.argpartition(-np.abs(weights), count - 1, axis=1)[:, :count]
        values[block] = np.take_along_axis(weights, columns[block], axis=1)
    row = np.repeat(kept, count)
    found = csr_matrix((values.ravel(), (row, kept[columns].ravel())), shape=(movies, movies))
    found.eliminate_zeros()
    return found
