"""The trees of `train`: boosted from the causal bias and from the kriged column, everywhere alike; their mean counts."""

from dataclasses import replace

import numpy as np
import pytest

from kgrec_gds.data.splits import split
from kgrec_gds.evaluation.metrics import mse
from kgrec_gds.models.inputs import read_inputs
from kgrec_gds.models.run_folder import RunFolder
from kgrec_gds.models.trees import Trees, TreeSettings

FEW = {"most_trees": 12, "least_in_leaf": 5}
BOTH = TreeSettings(**FEW, both_starts=True)


@pytest.fixture(scope="module")
def parts(dataset):
    return split(dataset.ratings, "global")


@pytest.fixture
def run(monkeypatch, tmp_path):
    monkeypatch.setenv("KGREC_HOME", str(tmp_path))
    return RunFolder.create("kept")


@pytest.fixture(scope="module")
def trees(dataset, parts):
    return Trees(graph=True, settings=BOTH).fit(dataset, parts, 0)


def test_one_adds_to_the_bias_and_one_to_the_column_that_knows_most(dataset, trees):
    assert [each.start for each in trees.boosted] == [None, "graph_near_kriged"]
    inputs = read_inputs(dataset)
    column = inputs.features[:, inputs.feature_names.index("graph_near_kriged")]
    picked = inputs.features[:, [inputs.feature_names.index(name) for name in trees.feature_names]]
    first, second = (each.model.predict(picked) for each in trees.boosted)
    said = trees.residual(inputs.features, inputs.feature_names)
    np.testing.assert_allclose(said, (first + column + second) / 2, atol=1e-5)
    assert np.ptp(first - column - second) > 0.1


def test_without_the_graph_they_start_from_what_ratings_alone_say(dataset, parts):
    alone = replace(parts, validation=parts.validation[:0])
    trees = Trees(graph=False, settings=BOTH).fit(dataset, alone, 0)
    assert [each.start for each in trees.boosted] == [None, "user_kriged"]


def test_the_first_is_what_a_practitioner_would_fit(dataset, parts, trees):
    plain = Trees(graph=True, settings=TreeSettings(**FEW)).fit(dataset, parts, 0)
    (alone,), picked = plain.boosted, read_inputs(dataset).only(plain.feature_names).features
    assert (alone.start, alone.trees) == (trees.boosted[0].start, trees.boosted[0].trees)
    np.testing.assert_array_equal(alone.model.predict(picked), trees.boosted[0].model.predict(picked))


def test_what_is_taken_over_is_not_fitted_again(dataset, parts, trees):
    plain = Trees(graph=True, settings=TreeSettings(**FEW)).fit(dataset, parts, 0)
    both = Trees(graph=True, settings=BOTH)
    both.take_over(plain)
    both.fit(dataset, parts, 0)
    assert both.boosted[0] is plain.boosted[0]
    np.testing.assert_array_equal(both.predict(dataset, parts.test), trees.predict(dataset, parts.test))
    np.testing.assert_array_equal(both.held_out.predicted, trees.held_out.predicted)


@pytest.mark.parametrize(
    ("graph", "settings"), [(False, TreeSettings(**FEW)), (True, TreeSettings(**FEW, leaves=8))]
)
def test_nothing_is_taken_over_from_others(dataset, parts, graph, settings):
    other = Trees(graph=graph, settings=settings).fit(dataset, parts, 0)
    both = Trees(graph=True, settings=BOTH)
    both.take_over(other)
    assert both.fit(dataset, parts, 0).boosted[0] is not other.boosted[0]


def test_validation_has_said_how_many_and_how_well(dataset, parts, trees):
    assert all(1 <= each.trees <= 12 for each in trees.boosted)
    assert trees.count == sum(each.trees for each in trees.boosted)
    bias, rating = read_inputs(dataset).bias[parts.validation], dataset.ratings.rating[parts.validation]
    assert mse(rating, trees.held_out.predicted) < mse(rating, bias)


def test_what_they_said_of_ratings_held_out_is_of_so_many_trees_as_validation_chose(dataset, parts):
    hasty = TreeSettings(learning_rate=0.9, most_trees=40, least_in_leaf=5, patience=10)
    trees = Trees(graph=True, settings=hasty).fit(dataset, parts, 0)
    (boosted,) = trees.boosted
    assert boosted.trees < 30  # and then boosting had gone on for its patience
    alone = Trees(graph=True, settings=replace(hasty, most_trees=3 * boosted.trees))
    on_train = replace(parts, validation=np.zeros(0, np.int64))
    again = alone.fit(dataset, on_train, 0).predict(dataset, parts.validation)
    np.testing.assert_allclose(again, trees.held_out.predicted, atol=1e-5)


@pytest.mark.parametrize("haste", [1.0, 2.5])
def test_what_they_said_of_ratings_held_out_is_of_the_same_scale(dataset, parts, trees, haste):
    rows = np.union1d(parts.train, parts.validation)
    inputs = read_inputs(dataset)
    target = dataset.ratings.rating[rows] - inputs.bias[rows]
    said = trees.out_of_fold(dataset, rows, 0, folds=3, haste=haste)
    assert np.mean((target - said) ** 2) < np.mean(target**2)
    assert trees.held_out.predicted == pytest.approx(trees.predict(dataset, parts.validation), abs=1.0)


def test_many_rows_at_once_agree_with_a_few(dataset, trees):
    inputs = read_inputs(dataset)
    few = trees.residual(inputs.features, inputs.feature_names)
    times = 10_000 // len(few) + 1
    many = trees.residual(np.tile(inputs.features, (times, 1)), inputs.feature_names)
    np.testing.assert_allclose(many, np.tile(few, times), atol=1e-5)


def test_they_are_the_same_when_read_again(dataset, parts, trees, run):
    trees.save(run)
    again = Trees.load(run, graph=True)
    np.testing.assert_array_equal(again.predict(dataset, parts.test), trees.predict(dataset, parts.test))


@pytest.mark.parametrize("which", [0, 1])
def test_runs_of_before_have_one_boosting(dataset, trees, run, which):
    import skops.io

    each = trees.boosted[which]
    skops.io.dump(each.model, run.path / "trees_graph.skops")
    about = {"feature_names": list(trees.feature_names), "trees": each.trees}
    run.write("trees_graph", about | ({"start": each.start} if each.start else {}))
    again, inputs = Trees.load(run, graph=True), read_inputs(dataset)
    expected = each.model.predict(inputs.only(trees.feature_names).features)
    if each.start:
        expected += inputs.features[:, inputs.feature_names.index(each.start)]
    np.testing.assert_allclose(again.residual(inputs.features, inputs.feature_names), expected, atol=1e-5)
