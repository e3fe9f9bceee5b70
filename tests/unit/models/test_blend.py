import numpy as np
import pytest

from kgrec_gds.data.query import Queries
from kgrec_gds.data.splits import split
from kgrec_gds.models.attention_lstm.model import AttentionLstm
from kgrec_gds.models.blend import Blend
from kgrec_gds.models.trees import Trees


@pytest.fixture(scope="module")
def fitted(dataset, small_network):
    model = Blend(AttentionLstm(**small_network), Trees(graph=True, most_trees=12, least_in_leaf=5))
    return model.fit(dataset, split(dataset.ratings, "global"), 0)


def test_it_is_the_mean_of_both(dataset, fitted):
    queries = Queries.of(dataset.ratings)
    mean = (fitted.network.predict(dataset, queries) + fitted.trees.predict(dataset, queries)) / 2
    np.testing.assert_allclose(fitted.predict(dataset, queries), mean, atol=1e-5)
    rating, attention = fitted.predict_with_attention(dataset, queries)
    np.testing.assert_allclose(rating, mean, atol=1e-5)
    assert attention is not None
    assert attention.weights.shape[0] == len(queries)


def test_a_loaded_blend_predicts_the_same(dataset, fitted, tmp_path):
    fitted.save(tmp_path)
    queries = Queries.of(dataset.ratings)
    np.testing.assert_array_equal(
        Blend.load(tmp_path).predict(dataset, queries), fitted.predict(dataset, queries)
    )
