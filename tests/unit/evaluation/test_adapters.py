from dataclasses import replace

import numpy as np
import pytest

from kgrec_gds.data.baseline_estimates import Queries
from kgrec_gds.data.splits import split
from kgrec_gds.evaluation import adapters
from kgrec_gds.evaluation.predictors import MODELS, Adopting, Attending, QueryPredictor, measurable, spec_of
from kgrec_gds.models.attention_lstm.hyperparameters import Settings
from kgrec_gds.models.baselines.base import as_queries
from kgrec_gds.models.default import DefaultPredictor, DefaultSettings
from kgrec_gds.models.inputs import read_inputs
from kgrec_gds.models.own_errors import OwnErrors, OwnErrorSettings, fitted_until
from kgrec_gds.models.trees import TreeSettings

NETWORK = Settings(
    members=1, epochs=1, min_ratings=1, id_size=4, lstm_units=8, key_size=4, hidden=(8,), vector_size=4
)
TREES = TreeSettings(most_trees=20)


@pytest.fixture(scope="module")
def data(make_dataset):
    return make_dataset()


@pytest.fixture(scope="module")
def parts(data):
    return split(data.ratings, "global")


@pytest.fixture(scope="module")
def network(data, parts):
    model = adapters.QueriedNetwork(NETWORK)
    model.fit(data, parts, 0)
    return model


@pytest.fixture(scope="module")
def default(data, parts, network):
    trees = adapters.QueriedTrees(graph=True, settings=TREES)
    trees.fit(data, parts, 0)
    model = adapters.QueriedDefault(DefaultSettings(NETWORK, TREES))
    model.adopt({"attention_lstm": network, "trees_graph": trees})
    model.fit(data, parts, 0)
    assert (model.alone, model.trees) == (network, trees)
    return model


def test_events_and_queries_agree(data, parts, network, default):
    asked = as_queries(data.ratings, parts.test)
    for model in (network, default.trees, default):
        assert model.predict_queries(data, asked) == pytest.approx(model.predict(data, parts.test), abs=1e-4)


def test_the_network_is_moved_by_its_own_errors_so_far(data, parts, network):
    index = read_inputs(data).index
    own = OwnErrors(
        network, index, OwnErrorSettings(), fitted_until(data, np.union1d(parts.train, parts.validation))
    )
    off = own.before(Queries.of(data.ratings.take(parts.test)))
    said, moved = network.of_events(index)[parts.test], network.predict(data, parts.test)
    within = (said > 1) & (said < 10) & (moved > 1) & (moved < 10)
    assert (moved - said)[within] == pytest.approx(off[within], abs=1e-4)
    assert np.abs(off[within]).max() > 0.01


def test_no_later_rating_moves_what_the_network_says(data, parts, network):
    before = network.predict(data, parts.test)
    changed = data.ratings.rating.copy()
    late = data.ratings.rated_at >= np.median(data.ratings.rated_at[parts.test])
    changed[late] = 11 - changed[late]
    after = network.predict(replace(data, ratings=replace(data.ratings, rating=changed)), parts.test)
    early = ~late[parts.test]
    assert after[early].tolist() == before[early].tolist()
    assert early.any()
    assert np.abs(after - before).max() > 0.01


def test_many_movies_at_one_moment_agree_with_one_by_one(data, network):
    catalogue = np.tile(np.arange(1, len(data.movies), dtype=np.int32), 12)
    user, at = int(data.ratings.user_index[-1]), int(data.ratings.rated_at[-1])
    moment = np.full(len(catalogue), at)
    moment[0] -= 1  # one movie at a moment of its own
    many = Queries(np.full(len(catalogue), user, np.int32), catalogue, moment)
    assert len(catalogue) >= 2 * adapters._MANY
    few = many.take(slice(20))
    assert network.predict_queries(data, many)[:20] == pytest.approx(
        network.predict_queries(data, few), abs=1e-4
    )


def test_an_adopted_default_is_the_one_that_train_ships(data, parts, default):
    shipped = DefaultPredictor(DefaultSettings(NETWORK, TREES))
    shipped.fit(data, parts, 0)
    assert default.predict(data, parts.test) == pytest.approx(shipped.predict(data, parts.test), abs=1e-4)


def test_default_adopts_what_has_its_settings_and_fits_the_rest(data, parts, network, default):
    other = adapters.QueriedDefault(DefaultSettings(NETWORK, TreeSettings(most_trees=6)))
    other.adopt({"attention_lstm": network, "trees_graph": default.trees})
    assert other.alone is network
    assert other.trees is not default.trees
    other.fit(data, parts, 0)
    assert 0 < other.trees.count <= 6


def test_default_adopts_no_half_that_is_missing_or_has_other_settings(network, default):
    other = adapters.QueriedDefault(DefaultSettings(Settings(epochs=2), TREES))
    other.adopt({"attention_lstm": network})
    assert other.alone.fitted is None
    assert not other.trees.boosted
    other.adopt({"attention_lstm": network, "trees_graph": default.trees})
    assert other.alone.fitted is None
    assert other.trees is default.trees


def test_two_boostings_adopt_the_one_that_was_fitted(data, parts):
    single = adapters.QueriedTrees(graph=True, settings=replace(TREES, both_starts=False)).fit(data, parts, 0)
    both = adapters.QueriedTrees(graph=True, settings=replace(TREES, both_starts=True))
    both.adopt({"trees_graph": single})
    both.fit(data, parts, 0)
    assert both.boosted[0] is single.boosted[0]
    assert len(both.boosted) == 2


def test_attention_sums_to_one_over_the_steps_seen(data, parts, network):
    weights = network.attend(data, parts.test[:8], steps=200)
    assert weights.shape == (8, 200)
    seen = ~np.isnan(weights)
    assert np.nansum(weights, axis=1)[seen.any(axis=1)] == pytest.approx(1, abs=1e-4)
    assert (np.diff(seen.astype(int), axis=1) >= 0).all()  # the latest step is last


def test_curves_have_the_report_s_names(network):
    assert set(network.curves[0]) == {"epoch", "train", "validation"}


@pytest.mark.parametrize(
    "name", ["attention_lstm:no_vectors", "attention_lstm:no_graph", "attention_lstm:no_lstm"]
)
def test_ablations_are_named_after_what_is_taken_out(name):
    model = spec_of(name).build("global")
    assert model.name == name
    assert MODELS[name].ablation


def test_all_models_can_be_built_and_fulfil_the_protocol():
    for name, spec in MODELS.items():
        model = spec.build("global")
        assert isinstance(model, QueryPredictor), name
        assert model.name == name
        assert (
            model.name in {"global_mean", "biases_static", "svd", "svd_tuned", "ncf"} or model.online_history
        )
    assert isinstance(spec_of("default").build("global"), Adopting)
    assert isinstance(spec_of("attention_lstm").build("global"), Attending)


def test_published_models_take_the_place_of_ours_under_paper():
    for name in ("ffnn", "lstm", "trees", "attention_lstm"):
        assert type(spec_of(name).build("paper")) is not type(spec_of(name).build("global"))
        assert spec_of(name).build("paper").name == name


def test_the_network_reads_the_vectors_of_the_method_it_is_named_for(data, parts):
    moved = replace(data.vectors, method="transe", movies=data.vectors.movies[:, ::-1].copy())
    both = replace(data, others=(moved,))
    model = adapters.NetworkOnOtherVectors("transe")
    model.settings = NETWORK.replace(name=model.name)
    model.fit(both, parts, 0)
    assert model.name == "attention_lstm:transe"
    assert model.fitted.vectors == "transe"
    alone = adapters.QueriedNetwork(NETWORK)
    only = replace(data, vectors=moved)
    alone.fit(only, parts, 0)
    assert np.array_equal(model.predict(both, parts.test), alone.predict(only, parts.test))


def test_models_on_other_vectors_are_measured_where_these_are(data):
    assert not [name for name in measurable(data) if spec_of(name).vectors]
    both = replace(data, others=(replace(data.vectors, method="transe"),))
    assert [spec_of(name).vectors for name in measurable(both) if spec_of(name).vectors] == ["transe"]
