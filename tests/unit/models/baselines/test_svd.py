import numpy as np
import pytest
import surprise

from kgrec_gds.models.baselines.svd import fit_svd
from kgrec_gds.models.registry import build


def test_predictions_are_those_of_surprise(dataset, parts, test_queries):
    model = build("svd", n_factors=4, n_epochs=3).fit(dataset, parts, 7)
    fitted = dataset.ratings.take(np.r_[parts.train, parts.validation])
    rows = zip(fitted.user_index.tolist(), fitted.movie_index.tolist(), fitted.rating.tolist(), strict=True)
    known = surprise.Dataset.load_from_df
    import pandas as pd

    frame = pd.DataFrame(list(rows), columns=["user", "movie", "rating"])
    trainset = known(frame, surprise.Reader(rating_scale=(1, 10))).build_full_trainset()
    reference = surprise.SVD(n_factors=4, n_epochs=3, random_state=7).fit(trainset)
    pairs = zip(test_queries.user_index.tolist(), test_queries.movie_index.tolist(), strict=True)
    expected = [reference.predict(user, movie).est for user, movie in pairs]
    assert model.predict(dataset, test_queries) == pytest.approx(expected, abs=1e-4)


def test_the_tuned_model_keeps_the_epochs_with_the_lowest_validation_error(dataset, parts):
    model = build("svd_tuned", n_factors=4)
    settings, factors = model.choose_epochs(dataset, parts, 0, None)
    assert settings.n_factors == 4
    again = fit_svd(dataset, parts.train, settings, 0)
    assert np.array_equal(again.movie_factors, factors.movie_factors)
