"""The top k unseen movies of users, by predicted rating."""

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.baseline_estimates import baseline_estimates
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.data.rating_log import RatingLog
from kgrec_gds.models.base import Attention, RatingModel
from kgrec_gds.models.delays import DAY
from kgrec_gds.serving.predictions import Predictions, predict_queries

#: Pairs of user and movie that are predicted in one call, about: this bounds the memory.
PAIRS_A_CALL = 250_000
#: Latest ratings of a user that preselection compares candidates with.
_LATEST = 256


def top_k(
    model: RatingModel,
    dataset: Dataset,
    users: NDArray[np.int32],
    k: int = 10,
    candidates: int | None = 500,
) -> Predictions:
    """Rank the unseen movies of each user by predicted rating and return the first k.

    The prediction is made now (`dataset.now`) about a rating a day later. The model scores the `candidate_movies` of each
    user, or with None all movies. The user index 0 is a user without history.
    """
    movies = [candidate_movies(dataset, int(user), candidates) for user in users]
    counts = np.array([len(found) for found in movies], np.int64)
    if not counts.sum():
        return predict_queries(model, dataset, Queries.at_time(users[:0], users[:0], 0))
    owner = np.repeat(np.arange(len(users)), counts)
    queries = Queries.at_time(users[owner], np.concatenate(movies), dataset.now, DAY)
    rating, attention = model.predict_with_attention(dataset, queries)
    order = np.lexsort((-rating, owner))
    rank = np.arange(1, len(order) + 1) - np.repeat(np.cumsum(counts) - counts, counts)
    best = order[rank <= k]
    if attention is not None:
        attention = Attention(attention.movie_index[best], attention.weights[best])
    ranks = rank[rank <= k].astype(np.int32)
    return Predictions.of(dataset, queries.take(best), rating[best], attention, ranks)


def candidate_movies(dataset: Dataset, user: int, count: int | None) -> NDArray[np.int32]:
    """Movies that a user has not rated: all, or the `count` first by a score that needs no model.

        score(m) = b_m + sum_j s(m, j) r_j / (1 + sum_j s(m, j)),    s(m, j) = max(0, cos(v_m, v_j))^2

    over the user's latest ratings j with residual r_j; b_m is the movie's part of the baseline estimate now, v a
    knowledge-graph vector. Without vectors, b_m alone.
    """
    log = dataset.derive(RatingLog)
    begin, end = np.searchsorted(log.by_user.stamp, np.array([user, user + 1]) * log.by_user.ticks)
    events = log.by_user.order[begin:end]
    rated = dataset.ratings.movie_index[events]
    unseen = np.ones(len(dataset.movies), bool)
    unseen[0] = unseen[rated] = False
    if count is None or count >= unseen.sum():
        return np.flatnonzero(unseen).astype(np.int32)
    score = dataset.derive(_movie_estimates)
    if dataset.vectors is not None and len(events):
        vectors, latest = dataset.derive(_unit_vectors), slice(-_LATEST, None)
        near = np.maximum(vectors @ vectors[rated[latest]].T, 0) ** 2  # (movies, latest)
        score = score + near @ log.residual[events[latest]].astype(np.float32) / (1 + near.sum(axis=1))
    best = np.argpartition(-np.where(unseen, score, -np.inf), count)[:count]
    return np.sort(best).astype(np.int32)


def _movie_estimates(dataset: Dataset) -> NDArray[np.float32]:
    """The movie's part of the baseline estimate now, shape (movies,)."""
    movies = np.arange(len(dataset.movies), dtype=np.int32)
    queries = Queries.at_time(np.zeros_like(movies), movies, dataset.now)
    return baseline_estimates(dataset, queries).movie.astype(np.float32)


def _unit_vectors(dataset: Dataset) -> NDArray[np.float32]:
    """Vectors of the movies at length 1, or 0 where a movie has none, shape (movies, embedding_size)."""
    assert dataset.vectors is not None
    length = np.linalg.norm(dataset.vectors.movies, axis=1, keepdims=True)
    return dataset.vectors.movies / np.maximum(length, 1e-12)
