import numpy as np
import pytest

from kgrec_gds.data.query import Queries
from kgrec_gds.data.splits import split
from kgrec_gds.errors import InputError, ModelRunError
from kgrec_gds.models.paper import Paper


@pytest.fixture(scope="module")
def fitted(dataset):
    model = Paper(window_length=4, units=8, embedding_size=4, epochs=3, batch=64)
    return model.fit(dataset, split(dataset.ratings, "paper"), seed=0)


def test_the_published_recipe_learns_from_strictly_earlier_ratings(dataset, fitted):
    test = split(dataset.ratings, "paper").test
    assert len(fitted.history) == 3
    assert fitted.history[-1]["train_mse"] < fitted.history[0]["train_mse"]
    inputs, ratings = fitted._inputs(dataset, test), dataset.ratings
    for row, event in enumerate(test):
        earlier = (ratings.user_index == ratings.user_index[event]) & (
            ratings.rated_at < ratings.rated_at[event]
        )
        expected = ratings.movie_index[earlier][-4:]
        np.testing.assert_array_equal(inputs["movies"][row], np.pad(expected, (0, 4 - len(expected))))
        np.testing.assert_array_equal(inputs["real"][row], np.arange(4) < len(expected))


def test_it_predicts_given_ratings_only(dataset, fitted):
    predicted = fitted.predict(dataset, Queries.of(dataset.ratings))
    assert np.all((predicted >= 1) & (predicted <= 10))
    rated = set(dataset.ratings.movie_index[dataset.ratings.user_index == 1].tolist())
    unrated = min(set(range(1, len(dataset.movies))) - rated)
    query = Queries.at_time(np.array([1], np.int32), np.array([unrated], np.int32), dataset.now)
    with pytest.raises(ModelRunError, match="predicts given ratings only"):
        fitted.predict(dataset, query)


def test_a_loaded_model_predicts_the_same(dataset, fitted, tmp_path):
    fitted.save(tmp_path)
    queries = Queries.of(dataset.ratings)
    np.testing.assert_array_equal(
        Paper.load(tmp_path).predict(dataset, queries), fitted.predict(dataset, queries)
    )


def test_an_unknown_setting_is_refused():
    with pytest.raises(InputError, match="Unknown setting unit;"):
        Paper(unit=3)
