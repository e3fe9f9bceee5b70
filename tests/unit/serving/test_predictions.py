import numpy as np
import pytest

from kgrec_gds.data.query import Queries
from kgrec_gds.data.splits import split
from kgrec_gds.models.base import RatingModel
from kgrec_gds.serving.predictions import Predictions, predict_queries


@pytest.fixture(scope="module")
def events(dataset):
    return split(dataset.ratings, "global").test


@pytest.fixture(scope="module")
def predicted(dataset, similarity_model, events):
    return predict_queries(similarity_model, dataset, Queries.of(dataset.ratings).take(events))


def test_test_ratings_are_predicted_as_the_model_predicts_them(dataset, similarity_model, events, predicted):
    expected = similarity_model.predict(dataset, Queries.of(dataset.ratings).take(events))
    np.testing.assert_allclose(predicted.rating, expected, atol=1e-5)
    assert list(predicted.user_ids) == list(dataset.user_ids[dataset.ratings.user_index[events]])
    assert list(predicted.tconsts) == list(dataset.movies.tconst[dataset.ratings.movie_index[events]])
    assert not predicted.rank.any()


def test_attention_is_on_strictly_earlier_movies_and_sums_to_one(dataset, events, predicted):
    ratings = dataset.ratings
    for row, event in enumerate(events):
        movies, weights = predicted.attention_of(row)
        earlier = (ratings.user_index == ratings.user_index[event]) & (
            ratings.rated_at < ratings.rated_at[event]
        )
        rated = list(dataset.movies.tconst[ratings.movie_index[earlier]])
        assert movies == rated[-8:]
        assert len(weights) == len(movies)
        if movies:
            assert min(weights) >= 0
            assert sum(weights) == pytest.approx(1, abs=1e-4)


def test_a_model_without_attention_gives_none(dataset, similarity_model, events):
    class WithoutAttention(type(similarity_model)):
        predict_with_attention = RatingModel.predict_with_attention

    found = predict_queries(WithoutAttention(), dataset, Queries.of(dataset.ratings).take(events))
    assert found.attention_movies.shape == found.attention_weights.shape == (len(events), 0)
    assert found.attention_of(0) == ([], [])


def test_parts_are_put_together_also_with_an_empty_one(dataset, similarity_model, predicted):
    nothing = predict_queries(similarity_model, dataset, Queries.of(dataset.ratings).take(slice(0)))
    assert len(nothing) == 0
    both = Predictions.concatenate([nothing, predicted.take(slice(3)), predicted.take(np.arange(3, 5))])
    assert list(both.tconsts) == list(predicted.tconsts[:5])
    assert both.attention_of(4) == predicted.attention_of(4)
    assert len(Predictions.concatenate([nothing, nothing])) == 0
