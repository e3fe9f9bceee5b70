"""A committee answers as the mean of its members."""

import numpy as np
import pytest

from kgrec_gds.data.sequences import row_arrays
from kgrec_gds.errors import ModelRunError
from kgrec_gds.models.attention_lstm.model import AttentionLstm, FittedNetwork
from kgrec_gds.models.attention_lstm.trainer import as_constants
from kgrec_gds.models.inputs import read_inputs
from kgrec_gds.models.run_folder import RunFolder


@pytest.fixture(scope="module")
def asked(dataset, trained):
    trainer = trained.network.trainer(dataset)
    steps, queries, number = row_arrays(
        trainer.inputs.histories, trainer.rows, np.arange(4), trainer.inputs.queries
    )
    queries["features"] = trainer.inputs.features[number]
    return trainer, as_constants(steps), as_constants(queries)


def test_it_predicts_and_attends_the_mean_of_its_members(asked):
    trainer, steps, queries = asked
    committee, catalogue = trainer.network, trainer.catalogue
    predicted, weights = committee.score(committee.encode(steps, catalogue), queries, catalogue)
    read = committee.read_features(queries)
    alone = [member.score(member.encode(steps, catalogue), read, catalogue) for member in committee.members]
    assert len(alone) == 2
    np.testing.assert_allclose(predicted, np.mean([said for said, _ in alone], axis=0), atol=1e-6)
    np.testing.assert_allclose(weights, np.mean([seen for _, seen in alone], axis=0), atol=1e-6)
    assert np.abs(alone[0][0] - alone[1][0]).max() > 1e-3  # they are not the same network
    total = np.asarray(weights).sum(axis=-1)
    np.testing.assert_allclose(total, np.asarray(queries["visible"]) > 0, atol=1e-5)


def test_what_movies_are_to_each_member_can_be_worked_out_once(asked, dataset):
    trainer, steps, queries = asked
    committee = trainer.network
    every = np.arange(len(dataset.movies), dtype=np.int32)
    kept = trainer.catalogue | {"items": committee.items(every, trainer.catalogue)}
    fresh = committee.score(committee.encode(steps, trainer.catalogue), queries, trainer.catalogue)
    again = committee.score(committee.encode(steps, kept), queries, kept)
    np.testing.assert_allclose(again[0], fresh[0], atol=1e-5)
    np.testing.assert_allclose(again[1], fresh[1], atol=1e-5)


@pytest.mark.parametrize("wanted", [slice(None), slice(3)])
def test_padding_can_be_left_out(asked, wanted):
    trainer, steps, queries = asked
    committee, catalogue = trainer.network, trainer.catalogue
    steps_of = np.asarray(queries["visible"]).max(axis=1, keepdims=True)
    real = np.arange(steps["movie"].shape[1]) < steps_of  # the last query of a row sees all its steps
    assert not real.all()
    place = np.flatnonzero(np.ones(queries["movie"].shape)).astype(np.int32)[wanted]
    features = np.asarray(queries["features"]).reshape(-1, queries["features"].shape[-1])[place]
    few = queries | {"place": place, "features": features}
    said = committee(steps | {"place": np.flatnonzero(real).astype(np.int32)}, few, catalogue)
    whole = np.asarray(committee(steps, queries, catalogue)).reshape(len(committee.members), -1)
    np.testing.assert_allclose(said, whole[:, place], atol=1e-5)


def test_weights_of_another_network_say_so(trained, monkeypatch, tmp_path):
    monkeypatch.setenv("KGREC_HOME", str(tmp_path))
    run = RunFolder.create("another")
    trained.save(run)
    about = run.read("network")
    about["settings"]["hidden"] = [32, 8]
    run.write("network", about)
    with pytest.raises(ModelRunError, match=r"kgrec-gds train"):
        FittedNetwork.load(run)


def test_before_it_has_learned_it_says_what_kriging_says(dataset, small_settings):
    inputs = read_inputs(dataset)
    every = np.arange(len(dataset.ratings))
    fresh = AttentionLstm(small_settings).build(dataset, inputs, every)
    said = fresh.trainer(dataset, inputs).predict(every)
    kriged = inputs.features[:, inputs.feature_names.index("graph_near_kriged")]
    within = np.abs(kriged - kriged.mean()) < 4 * kriged.std()
    np.testing.assert_allclose(said[within], (kriged - kriged.mean())[within], atol=1e-4)
