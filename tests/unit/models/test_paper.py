import numpy as np

from kgrec_gds.data.splits import split
from kgrec_gds.models.paper import PaperLstm, PaperSettings


def test_the_published_recipe_fits_and_its_windows_hold_strictly_earlier_ratings(dataset):
    parts = split(dataset.ratings, "paper")
    model = PaperLstm(PaperSettings(window_length=4, units=8, embedding_size=4, epochs=3, batch=64))
    model.fit(dataset, parts, seed=0)
    assert len(model.history) == 3
    assert model.history[-1]["train_mse"] < model.history[0]["train_mse"]
    predicted = model.predict(dataset, parts.test)
    assert np.all((predicted >= 1) & (predicted <= 10))
    windows = model._windows(dataset, parts.test)
    ratings = dataset.ratings
    for row, event in enumerate(parts.test):
        earlier = (ratings.user_index == ratings.user_index[event]) & (
            ratings.rated_at < ratings.rated_at[event]
        )
        expected = ratings.movie_index[earlier][-4:]
        np.testing.assert_array_equal(windows["movies"][row], np.pad(expected, (0, 4 - len(expected))))
        np.testing.assert_array_equal(windows["real"][row], np.arange(4) < len(expected))
