"""The exported graphs compute what Keras computes."""

import numpy as np
import onnx
import pytest

from kgrec_gds.data.splits import split
from kgrec_gds.errors import ModelRunError
from kgrec_gds.models.attention_lstm.hyperparameters import ABLATIONS, Hyperparameters
from kgrec_gds.models.attention_lstm.model import AttentionLstm
from kgrec_gds.models.attention_lstm.network import Sizes, build_network
from kgrec_gds.models.attention_lstm.onnx_export import TOLERANCE, difference, export


def network_with_weights(small_network, **changes):
    rng = np.random.default_rng(0)
    features = rng.normal(0, 1, (100, 5)).astype(np.float32)
    network = build_network(Hyperparameters.of(**small_network | changes), Sizes(9, 5, 8, 4), features)
    for variable in network.trainable_variables:
        variable.assign(rng.normal(0, 0.3, variable.shape))
    return network, rng.normal(0, 1, (40, network.item_size)).astype(np.float32)


@pytest.mark.parametrize("changes", [{}, {"hidden": (16,)}, *ABLATIONS.values()], ids=str)
def test_the_graphs_equal_keras(small_network, changes):
    network, items = network_with_weights(small_network, **changes)
    assert difference(export(network, items), network, items) <= TOLERANCE


def test_a_fitted_network_equals_its_graphs(dataset, small_network):
    model = AttentionLstm(**small_network | {"epochs": 1}).fit(dataset, split(dataset.ratings, "global"), 0)
    network, columns, items = model.parts(dataset)
    assert (len(items), len(columns)) == (len(dataset.movies), network.sizes.features)
    assert difference(export(network, items), network, items) <= TOLERANCE


def test_the_graphs_are_of_versions_that_java_loads(small_network):
    network, items = network_with_weights(small_network)
    graphs = export(network, items)
    for graph in map(onnx.load_from_string, (graphs.encoder, graphs.scorer)):
        assert (graph.ir_version, graph.opset_import[0].version) == (10, 20)


def test_other_weights_are_noticed(small_network):
    network, items = network_with_weights(small_network)
    graphs = export(network, items)
    network.attention.decay.assign([1.0, -2.0])
    assert difference(graphs, network, items) > 100 * TOLERANCE


def test_a_network_that_cannot_be_exported_is_refused(small_network):
    network, items = network_with_weights(small_network)
    network.output_layer.bias.assign([np.nan])
    with pytest.raises(ModelRunError, match="The exported network differs from Keras's by nan"):
        export(network, items)
