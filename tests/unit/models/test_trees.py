import numpy as np
import pytest

from kgrec_gds.data.query import Queries
from kgrec_gds.data.splits import split
from kgrec_gds.errors import ModelRunError
from kgrec_gds.models.delays import DAY
from kgrec_gds.models.trees import Trees

FEW = {"most_trees": 12, "least_in_leaf": 5}


@pytest.fixture(scope="module")
def parts(dataset):
    return split(dataset.ratings, "global")


@pytest.fixture(scope="module")
def fitted(dataset, parts):
    return Trees(graph=True, **FEW).fit(dataset, parts, 0)


def test_they_lower_the_error_of_the_baseline_estimate(dataset, parts, fitted):
    train = dataset.ratings.take(parts.train)
    queries = Queries.of(train)
    error = np.mean((fitted.predict(dataset, queries) - train.rating) ** 2)
    assert error < np.mean((fitted.baseline(dataset, queries) - train.rating) ** 2)


def test_columns_of_the_graph_are_read_only_where_asked_for(dataset, parts, fitted):
    plain = Trees(**FEW).fit(dataset, parts, 0)
    online = Trees(graph=True, online_only=True, **FEW).fit(dataset, parts, 0)
    assert set(plain.columns) < set(fitted.columns)
    assert set(online.columns) < set(fitted.columns)
    assert any("director" in name for name in fitted.columns)
    assert not any("director" in name for name in plain.columns)
    assert not any("gaussian" in name or "latent" in name for name in online.columns)


def test_validation_chooses_the_number_of_trees(fitted):
    assert 1 <= fitted.trees <= FEW["most_trees"]


def test_a_sample_of_users_is_enough(dataset, parts, fitted):
    sampled = Trees(graph=True, most_ratings=len(parts.train) // 2, **FEW).fit(dataset, parts, 0)
    test = Queries.of(dataset.ratings.take(parts.test))
    predicted, rating = sampled.predict(dataset, test), dataset.ratings.rating[parts.test]
    assert (predicted != fitted.predict(dataset, test)).any()
    assert np.mean((predicted - rating) ** 2) < np.var(rating)


def test_loaded_trees_predict_the_same(dataset, parts, fitted, tmp_path):
    fitted.save(tmp_path)
    loaded = Trees.load(tmp_path)
    test = Queries.of(dataset.ratings.take(parts.test)).delayed(DAY)
    np.testing.assert_array_equal(loaded.predict(dataset, test), fitted.predict(dataset, test))
    assert loaded.trees == fitted.trees


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(ModelRunError, match="Cannot read the trees"):
        Trees.load(tmp_path)
