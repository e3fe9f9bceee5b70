"""Trees that start from the kriged column add to it, everywhere alike."""

from dataclasses import replace

import numpy as np
import pytest

from kgrec_gds.train.inputs import read_inputs
from kgrec_gds.train.run_folder import RunFolder
from kgrec_gds.train.trees import Trees, TreeSettings
from kgrec_gds.windows.splits import split

FEW = {"most_trees": 12, "least_in_leaf": 5}


@pytest.fixture(scope="module")
def parts(dataset):
    return split(dataset.ratings, "global")


@pytest.fixture(scope="module")
def trees(dataset, parts):
    """Without validation events nothing speaks against the start."""
    alone = replace(parts, train=np.union1d(parts.train, parts.validation), validation=parts.validation[:0])
    return Trees(graph=True, settings=TreeSettings(**FEW, from_kriged=True)).fit(dataset, alone, 0)


def test_they_add_to_the_column_that_knows_most(dataset, trees):
    inputs = read_inputs(dataset)
    assert trees.start == "graph_near_kriged"
    column = inputs.features[:, inputs.feature_names.index(trees.start)]
    picked = inputs.features[:, [inputs.feature_names.index(name) for name in trees.feature_names]]
    expected = column + trees.model.predict(picked)
    np.testing.assert_allclose(trees.residual(inputs.features, inputs.feature_names), expected, atol=1e-5)


def test_without_the_graph_they_start_from_what_ratings_alone_say(dataset, parts):
    alone = replace(parts, validation=parts.validation[:0])
    trees = Trees(graph=False, settings=TreeSettings(**FEW, from_kriged=True)).fit(dataset, alone, 0)
    assert trees.start == "user_kriged"


def test_what_they_said_of_ratings_held_out_is_of_the_same_scale(dataset, parts, trees):
    rows = np.union1d(parts.train, parts.validation)
    inputs = read_inputs(dataset)
    target = dataset.ratings.rating[rows] - inputs.bias[rows]
    said = trees.out_of_fold(dataset, rows, 0, folds=3)
    assert np.mean((target - said) ** 2) < np.mean(target**2)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_they_start_from_the_column_where_validation_favours_it(dataset, parts, seed):
    plain = Trees(graph=True, settings=TreeSettings(**FEW)).fit(dataset, parts, seed)
    chosen = Trees(graph=True, settings=TreeSettings(**FEW, from_kriged=True)).fit(dataset, parts, seed)
    assert plain.start is None
    if chosen.start is None:
        assert chosen.held_out.error == plain.held_out.error
        np.testing.assert_array_equal(chosen.predict(dataset, parts.test), plain.predict(dataset, parts.test))
    else:
        assert chosen.held_out.error < plain.held_out.error


def test_they_are_the_same_when_read_again(dataset, parts, trees, monkeypatch, tmp_path):
    monkeypatch.setenv("KGREC_HOME", str(tmp_path))
    run = RunFolder.create("kept")
    trees.save(run)
    again = Trees.load(run, graph=True)
    assert again.start == trees.start
    np.testing.assert_array_equal(again.predict(dataset, parts.test), trees.predict(dataset, parts.test))


def test_a_run_of_before_starts_from_the_bias(dataset, parts, trees, monkeypatch, tmp_path):
    monkeypatch.setenv("KGREC_HOME", str(tmp_path))
    run = RunFolder.create("before")
    trees.save(run)
    about = run.read("trees_graph")
    del about["start"]
    run.write("trees_graph", about)
    inputs, again = read_inputs(dataset), Trees.load(run, graph=True)
    started = trees.started(inputs.features, inputs.feature_names)
    apart = trees.residual(inputs.features, inputs.feature_names) - again.residual(
        inputs.features, inputs.feature_names
    )
    np.testing.assert_allclose(apart, started, atol=1e-5)
