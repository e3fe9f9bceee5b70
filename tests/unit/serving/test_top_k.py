from dataclasses import replace

import numpy as np
import pytest

from kgrec_gds.data.query import Queries
from kgrec_gds.serving.predictions import predict_queries
from kgrec_gds.serving.top_k import candidate_movies, top_k

DAY = 86_400


def unseen(dataset, user):
    rated = set(dataset.ratings.movie_index[dataset.ratings.user_index == user])
    return np.array([movie for movie in range(1, len(dataset.movies)) if movie not in rated], np.int32)


def all_users(dataset):
    return np.arange(1, len(dataset.user_ids), dtype=np.int32)


def test_the_first_k_are_the_best_unseen_movies_a_day_ahead(dataset, similarity_model):
    for user in (1, 12, 24):
        movies = unseen(dataset, user)
        queries = Queries.at_time(np.full_like(movies, user), movies, dataset.now, DAY)
        every = predict_queries(similarity_model, dataset, queries)
        order = np.argsort(-every.rating, kind="stable")[:4]
        found = top_k(similarity_model, dataset, np.array([user], np.int32), 4, None)
        assert list(found.rank) == list(range(1, len(order) + 1))
        assert list(found.tconsts) == list(every.tconsts[order])
        np.testing.assert_allclose(found.rating, every.rating[order], atol=1e-5)
        for row, other in enumerate(order):
            assert found.attention_of(row) == every.attention_of(other)


@pytest.mark.parametrize("candidates", [None, 20])
def test_many_users_at_once_are_recommended_the_same_as_one_by_one(dataset, similarity_model, candidates):
    users = all_users(dataset)
    together = top_k(similarity_model, dataset, users, 3, candidates)
    assert set(together.user_ids) == set(dataset.user_ids[1:])
    for user in users:
        alone = top_k(similarity_model, dataset, np.array([user], np.int32), 3, candidates)
        theirs = together.take(np.flatnonzero(together.user_ids == dataset.user_ids[user]))
        assert list(theirs.tconsts) == list(alone.tconsts)
        assert list(theirs.rank) == list(alone.rank)
        np.testing.assert_allclose(theirs.rating, alone.rating, atol=1e-5)


def test_a_user_who_has_rated_everything_gets_no_recommendation(dataset, similarity_model):
    ratings, movies = dataset.ratings, np.arange(1, len(dataset.movies), dtype=np.int32)
    columns = (np.full_like(movies, 1), movies, np.full(len(movies), 7, np.float32))
    everything = type(ratings)(*columns, np.full(len(movies), 1_000_000_000, np.int64))
    full = replace(dataset, ratings=everything)
    assert len(top_k(similarity_model, full, np.array([1], np.int32), 3)) == 0
    both = top_k(similarity_model, full, np.array([1, 2], np.int32), 3)
    assert set(both.user_ids) == {dataset.user_ids[2]}
    assert len(top_k(similarity_model, full, np.zeros(0, np.int32), 3)) == 0


def test_candidates_are_unseen_and_those_with_the_largest_score(dataset):
    vectors = dataset.vectors.movies / np.maximum(
        np.linalg.norm(dataset.vectors.movies, axis=1, keepdims=True), 1e-12
    )
    from kgrec_gds.data.baseline_estimates import baseline_estimates

    ratings = dataset.ratings
    residual = ratings.rating - baseline_estimates(dataset, Queries.of(ratings)).total
    movies = np.arange(len(dataset.movies), dtype=np.int32)
    now = Queries.at_time(np.zeros_like(movies), movies, dataset.now)
    of_movie = baseline_estimates(dataset, now).movie
    for user in (3, 20):
        free = unseen(dataset, user)
        assert list(candidate_movies(dataset, user, None)) == list(free)
        theirs = np.flatnonzero(ratings.user_index == user)
        score = {}
        for movie in free:
            near = [max(0, float(vectors[movie] @ vectors[ratings.movie_index[row]])) ** 2 for row in theirs]
            liked = sum(weight * residual[row] for weight, row in zip(near, theirs, strict=True))
            score[movie] = of_movie[movie] + liked / (1 + sum(near))
        best = sorted(free, key=lambda movie: -score[movie])[:5]
        assert list(candidate_movies(dataset, user, 5)) == sorted(best)


def test_without_vectors_candidates_are_the_movies_with_the_largest_baseline_estimate(dataset):
    bare = replace(dataset, vectors=None)
    first = candidate_movies(bare, 3, 5)
    assert len(first) == 5
    assert set(first) <= set(unseen(dataset, 3))
    assert list(candidate_movies(bare, 0, 50)) == list(range(1, 51))
