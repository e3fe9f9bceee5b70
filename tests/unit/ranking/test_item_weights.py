import numpy as np

from kgrec_gds.ranking.item_weights import LEAST_LIKES, LIKED, item_weights


def test_weights_are_the_closed_form_of_ease(dataset):
    movies, regularisation = len(dataset.movies), 20.0
    found = item_weights(dataset.ratings, movies, regularisation, strongest=movies).toarray()
    liked = dataset.ratings.take(dataset.ratings.rating >= LIKED)
    x = np.zeros((len(dataset.user_ids), movies))
    x[liked.user_index, liked.movie_index] = 1
    kept = np.flatnonzero(x.sum(axis=0) >= LEAST_LIKES)
    inverse = np.linalg.inv(x[:, kept].T @ x[:, kept] + regularisation * np.eye(len(kept)))
    expected = -inverse / np.diag(inverse)
    np.fill_diagonal(expected, 0)
    np.testing.assert_allclose(found[np.ix_(kept, kept)], expected, atol=1e-5)
    rest = np.setdiff1d(np.arange(movies), kept)
    assert not found[rest].any()
    assert not found[:, rest].any()


def test_only_the_strongest_weights_of_a_movie_are_kept(dataset):
    movies = len(dataset.movies)
    whole = item_weights(dataset.ratings, movies, 20.0, strongest=movies).toarray()
    few = item_weights(dataset.ratings, movies, 20.0, strongest=3).toarray()
    for own, kept in zip(whole, few, strict=True):
        assert (kept != 0).sum() == min(3, (own != 0).sum())
        np.testing.assert_allclose(np.abs(kept).sum(), np.sort(np.abs(own))[-3:].sum(), rtol=1e-5)


def test_ratings_without_a_liked_one_give_no_weights(dataset):
    low = dataset.ratings.take(dataset.ratings.rating < LIKED)
    assert item_weights(low, len(dataset.movies), 20.0).nnz == 0
