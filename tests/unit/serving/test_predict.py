import numpy as np
import pytest

from kgrec_gds.data.splits import split
from kgrec_gds.serving.recommender import Recommender
from kgrec_gds.serving.score import predict_events, predict_pairs


def end_of_log(dataset):
    return int(dataset.ratings.rated_at[-1]) + 1


@pytest.fixture(scope="module")
def events(dataset):
    return split(dataset.ratings, "global").test


@pytest.fixture(scope="module")
def predicted(dataset, trained, events):
    return predict_events(trained, dataset, events)


def test_predicted_events_are_the_model_s_own_ratings(dataset, trained, events, predicted):
    np.testing.assert_allclose(predicted.rating, trained.predict(dataset, events), atol=1e-5)
    assert np.all((predicted.rating >= 1) & (predicted.rating <= 10))
    assert not predicted.rank.any()


def test_attention_is_on_strictly_earlier_movies_and_sums_to_one(dataset, events, predicted):
    ratings = dataset.ratings
    varied = 0
    for event, movies, weights in zip(
        events, predicted.attention_movies, predicted.attention_weights, strict=True
    ):
        earlier = (ratings.user_index == ratings.user_index[event]) & (
            ratings.rated_at < ratings.rated_at[event]
        )
        rated = list(dataset.movies.tconst[ratings.movie_index[earlier]])
        assert movies == rated[-len(movies) :] if movies else not rated
        assert len(weights) == len(movies) == min(len(rated), 8)
        if movies:
            assert weights.min() >= 0
            assert weights.sum() == pytest.approx(1.0, abs=1e-4)
            varied += np.ptp(weights) > 1e-3
    assert varied > len(events) / 2


def test_pairs_agree_with_events(dataset, trained, events, predicted):
    ratings = dataset.ratings
    again = predict_pairs(
        trained,
        dataset,
        dataset.user_ids[ratings.user_index[events]],
        dataset.movies.tconst[ratings.movie_index[events]],
        ratings.rated_at[events],
    )
    np.testing.assert_allclose(again.rating, predicted.rating, atol=1e-4)


def test_unknown_ids_are_impossible_and_say_why(dataset, trained):
    at = end_of_log(dataset)
    found = predict_pairs(trained, dataset, ["1", "nobody", "1"], ["tt0000001", "tt0000001", "tt9"], [at] * 3)
    assert list(found.was_impossible) == [False, True, True]
    assert "nobody" in found.reasons[1]
    assert "tt9" in found.reasons[2]
    assert np.isnan(found.rating[1])


@pytest.mark.parametrize("candidates", [None, 20])
def test_live_recommendations_agree_with_bulk_predictions(dataset, trained, candidates):
    now = end_of_log(dataset)
    users = [*dataset.user_ids[1:], "nobody"]
    live = Recommender(trained, dataset).recommend(users, now, k=3, candidates=candidates)
    made = np.flatnonzero(~live.was_impossible)
    assert list(np.flatnonzero(live.was_impossible)) == [0]
    pairs = [live.user_ids[row] for row in made], [live.tconsts[row] for row in made]
    bulk = predict_pairs(trained, dataset, *pairs, [now] * len(made))
    np.testing.assert_allclose(live.rating[made], bulk.rating, atol=1e-4)
    for row, movies, weights in zip(made, bulk.attention_movies, bulk.attention_weights, strict=True):
        assert live.attention_movies[row] == movies
        np.testing.assert_allclose(live.attention_weights[row], weights, atol=1e-5)


def test_recommendations_are_unseen_ranked_and_the_best(dataset, trained):
    now = end_of_log(dataset)
    ratings = dataset.ratings
    recommender = Recommender(trained, dataset)
    user = "12"
    top = recommender.recommend([user], now, k=4, candidates=None)
    assert list(top.rank) == [1, 2, 3, 4]
    assert np.all(np.diff(top.rating) <= 0)
    rated = set(dataset.movies.tconst[ratings.movie_index[dataset.user_ids[ratings.user_index] == user]])
    unseen = [tconst for tconst in dataset.movies.tconst[1:] if tconst not in rated]
    assert not rated & set(top.tconsts)
    every = predict_pairs(trained, dataset, [user] * len(unseen), unseen, [now] * len(unseen))
    np.testing.assert_allclose(np.sort(every.rating)[::-1][:4], top.rating, atol=1e-4)
