import numpy as np
import pytest

from kgrec_gds.keras_backend import keras, tf
from kgrec_gds.models.attention_lstm import layers


def test_piecewise_linear_by_hand():
    encode = layers.PiecewiseLinear(1, 2)
    encode.edges.assign([[0.0, 1.0, 3.0]])
    values = np.array([[-1.0], [0.25], [1.0], [2.0], [9.0], [np.nan]], np.float32)
    expected = [[0, 0], [0.25, 0], [1, 0], [1, 0.5], [1, 1], [0, 0]]
    np.testing.assert_allclose(encode(values), expected, atol=1e-6)


def test_bins_are_quantiles_of_the_known_values():
    values = np.array(
        [[0.0, np.nan], [1.0, np.nan], [2.0, np.nan], [np.nan, np.nan], [10.0, np.nan]], np.float32
    )
    edges = layers.bin_edges(values, 2)
    np.testing.assert_allclose(edges, [[0, 1.5, 10], [0, 0, 0]])


def test_standardise_by_hand_and_unknown_is_zero():
    layer = layers.Standardise(2)
    layer.adapt(np.array([[1.0, 5.0], [3.0, 5.0], [np.nan, 5.0]], np.float32))
    np.testing.assert_allclose(layer(np.array([[3.0, 5.0], [np.nan, 99.0]], np.float32)), [[1, 0], [0, 4]])


def _attend(window=3, visible=(0, 1, 2, 5)):
    rng = np.random.default_rng(0)
    layer = layers.HistoryAttention(4, 2, window)
    keys = layer.keys(rng.normal(size=(1, 6, 4)).astype(np.float32))
    query = layer.keys(rng.normal(size=(1, len(visible), 4)).astype(np.float32))
    hours = np.abs(rng.normal(size=(1, len(visible), 6))).astype(np.float32)
    weights, gate = layer(query, keys, np.array([visible], np.int32), hours)
    return layer, np.asarray(weights)[0], np.asarray(gate)[0]


def test_weights_sum_to_one_over_the_visible_steps_of_the_window():
    _, weights, gate = _attend()
    np.testing.assert_allclose(weights.sum(axis=1), [0, 1, 1, 1], atol=1e-6)
    np.testing.assert_array_equal(weights > 0, [
        [0, 0, 0, 0, 0, 0],
        [1, 0, 0, 0, 0, 0],
        [1, 1, 0, 0, 0, 0],
        [0, 0, 1, 1, 1, 0],
    ])  # fmt: skip
    assert gate[0] == pytest.approx(0.0)  # nothing to attend to
    assert np.all((gate[1:] > 0) & (gate[1:] < 1))


def test_the_gate_equals_a_nothing_slot_in_the_softmax():
    rng = np.random.default_rng(1)
    layer = layers.HistoryAttention(4, 2, 8)
    layer.threshold.assign(0.7)
    layer.decay.assign([-1e9, -1e9])  # softplus 0: no decay
    layer.temperature.assign(0.0)  # exp 1
    items = rng.normal(size=(1, 5, 4)).astype(np.float32)
    query = layer.keys(items[:, :1])
    keys = layer.keys(items)
    weights, gate = layer(query, keys, np.array([[5]], np.int32), np.zeros((1, 1, 5), np.float32))
    scores = np.append(np.asarray(keys)[0] @ np.asarray(query)[0, 0], 0.7)
    with_slot = np.exp(scores) / np.exp(scores).sum()
    np.testing.assert_allclose(np.asarray(gate)[0, 0] * np.asarray(weights)[0, 0], with_slot[:-1], atol=1e-5)


def test_a_movie_without_any_vector_gets_the_learned_one():
    layer = layers.SlotFusion(2, 3, 4)
    layer.absent.assign([1.0, 2.0, 3.0, 4.0])
    slots = [np.ones((2, 3), np.float32)] * 2
    fused = np.asarray(layer(slots, np.array([[0.0, 0.0], [0.0, 1.0]], np.float32)))
    np.testing.assert_allclose(fused[0], [1, 2, 3, 4])
    np.testing.assert_allclose(fused[1], np.ones(3) @ np.asarray(layer.project[1]), atol=1e-6)


def test_the_fused_lstm_is_keras_lstm_in_values_and_gradients():
    ours, theirs = layers.FusedLstm(4), keras.layers.LSTM(4, return_sequences=True)
    steps = tf.constant(np.random.default_rng(0).normal(size=(3, 7, 5)), tf.float32)
    ours(steps), theirs(steps)

    def reordered(weights):
        """Keras's gates (input, forget, cell, output) in our order, which is its own inverse."""
        gates = np.split(np.asarray(weights), 4, axis=-1)
        return np.concatenate([gates[0], gates[2], gates[1], gates[3]], axis=-1)

    ours.set_weights([reordered(weights) for weights in theirs.get_weights()])
    found = []
    for layer in (ours, theirs):
        with tf.GradientTape() as tape:
            tape.watch(steps)
            after = layer(steps)
            loss = tf.reduce_sum(tf.square(after))
        found.append((after, *tape.gradient(loss, [steps, *layer.trainable_variables])))
    (after, to_steps, *to_weights), (after_theirs, to_steps_theirs, *to_theirs) = found
    np.testing.assert_allclose(after, after_theirs, atol=1e-6)
    np.testing.assert_allclose(to_steps, to_steps_theirs, atol=1e-5)
    for mine, other in zip(to_weights, to_theirs, strict=True):
        np.testing.assert_allclose(mine, reordered(other), atol=1e-5)


def test_the_fused_lstm_is_not_compiled_by_xla_where_there_is_a_gpu(a_gpu):
    model = keras.Sequential([layers.FusedLstm(4)])
    model.compile(loss="mse")
    assert not model.jit_compile
