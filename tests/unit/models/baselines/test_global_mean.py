import numpy as np
import pytest


def test_it_is_the_mean_of_train_and_validation(dataset, parts, test_queries, fitted):
    mean = dataset.ratings.rating[np.r_[parts.train, parts.validation]].mean()
    assert fitted("global_mean").predict(dataset, test_queries) == pytest.approx(mean)
