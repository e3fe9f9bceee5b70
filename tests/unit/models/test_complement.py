import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgrec_gds.data.splits import split
from kgrec_gds.models.attention_lstm.hyperparameters import Settings
from kgrec_gds.models.attention_lstm.model import AttentionLstm
from kgrec_gds.models.attention_lstm.trainer import event_target
from kgrec_gds.models.complement import ComplementSettings, complement, share_beside_trees
from kgrec_gds.models.default import DefaultPredictor, DefaultSettings
from kgrec_gds.models.inputs import read_inputs
from kgrec_gds.models.trees import Trees, TreeSettings

NETWORK = Settings(
    members=1, epochs=2, min_ratings=1, id_size=4, lstm_units=8, key_size=4, hidden=(8,), vector_size=4
)
SHARE = 0.5


@pytest.fixture(scope="module")
def data(make_dataset):
    return make_dataset()


@pytest.fixture(scope="module")
def parts(data):
    return split(data.ratings, "global")


@pytest.fixture(scope="module")
def rows(parts):
    return np.union1d(parts.train, parts.validation)


@pytest.fixture(scope="module")
def network(data, parts):
    return AttentionLstm(NETWORK).fit(data, parts, 0)


@pytest.fixture(scope="module")
def trees(data, parts):
    return Trees(graph=True, settings=TreeSettings(most_trees=20)).fit(data, parts, 0)


def _complement(network, trees, data, parts, settings=None):
    return complement(network, trees, SHARE, data, parts, seed=0, settings=settings or ComplementSettings())


def test_a_copy_learns_and_the_network_stays(network, trees, data, parts):
    before = network.predict(data, parts.test)
    first, second = (_complement(network, trees, data, parts).predict(data, parts.test) for _ in range(2))
    assert np.array_equal(network.predict(data, parts.test), before)
    assert np.array_equal(first, second)
    assert np.abs(first - before).max() > 0.01


def test_the_mean_with_trees_that_did_not_see_the_rating_gets_better(network, trees, data, parts, rows):
    beside = trees.out_of_fold(data, rows, 0, folds=3)
    target = event_target(data, read_inputs(data))[rows]

    def error(model):
        mean = SHARE * model.trainer(data).predict(rows) + (1 - SHARE) * beside
        return np.mean((mean - target) ** 2)

    learned = _complement(network, trees, data, parts, ComplementSettings(epochs=8, rate=3.0))
    assert error(learned) < error(network)


def test_trees_do_not_see_the_ratings_they_are_asked_for(data, parts, rows):
    memory = Trees(graph=True, settings=TreeSettings(learning_rate=1.0, leaves=64, least_in_leaf=1, l2=0.0))
    memory.fit(data, parts, 0)
    target = event_target(data, read_inputs(data))[rows]
    values = read_inputs(data).features[rows]
    inside = memory._regressor(0, 100, stop=False).fit(values, target).predict(values)
    outside = memory.out_of_fold(data, rows, 0, folds=3)
    assert np.mean((inside - target) ** 2) < 0.01 * np.mean((outside - target) ** 2)


@given(st.floats(0, 1))
def test_the_share_is_never_more_than_before(share):
    assert 0 <= share_beside_trees(share) <= share
    assert share_beside_trees(1.0) == 1.0


def test_the_watch_is_told_of_each_stage_to_its_end(data, parts):
    last: dict[str, tuple[int, int]] = {}

    def watch(what, done, total):
        last[what] = (done, total)

    trees = TreeSettings(most_trees=20)
    DefaultPredictor(DefaultSettings(network=NETWORK, trees=trees), watch=watch).fit(data, parts, 0)
    assert list(last) == ["training", "training on all", "training beside the trees"]
    assert all(done == total for done, total in last.values())
