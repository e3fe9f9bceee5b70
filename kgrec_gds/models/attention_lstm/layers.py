"""The network's own layers. Shapes: b rows of a batch, s steps of a history, q queries (candidates) of a row."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.keras_backend import keras, tf

ops = keras.ops


_FAR = -1e9
_TINY = 1e-6


def bin_edges(values: NDArray[np.float32], bins: int) -> NDArray[np.float32]:
    """Quantile edges of each feature, shape (features, bins + 1), from training values (queries, features)."""
    at = np.linspace(0.0, 1.0, bins + 1)
    filled = np.where(np.isfinite(values), values, np.nan)
    known = np.isfinite(filled).any(axis=0)
    edges = np.zeros((values.shape[1], bins + 1), np.float32)
    if known.any():
        edges[known] = np.nanquantile(filled[:, known], at, axis=0).T
    return edges


class PiecewiseLinear(keras.layers.Layer):
    """Piecewise-linear encoding of numbers (Gorishniy et al., 2022): one input becomes one value per quantile bin.

    Below its bin a value is 0, above it 1, inside it rises linearly; an unknown (NaN) value is 0 everywhere.
    """

    def __init__(self, features: int, bins: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.features, self.bins = features, bins
        self.edges = self.add_weight(
            shape=(features, bins + 1), initializer="zeros", trainable=False, name="edges"
        )

    def adapt(self, values: NDArray[np.float32]) -> None:
        """Set the bins from training values, shape (events, features)."""
        self.edges.assign(bin_edges(values, self.bins))

    def call(self, values: Any) -> Any:
        """(…, features) -> (…, features * bins)."""
        low, high = self.edges[:, :-1], self.edges[:, 1:]
        # NaN becomes a value far below every bin, once a feature rather than once a bin.
        known = ops.where(ops.isnan(values), _FAR, values)
        share = ops.clip((known[..., None] - low) / ops.maximum(high - low, _TINY), 0.0, 1.0)
        return ops.reshape(share, (*ops.shape(values)[:-1], self.features * self.bins))


class Standardise(keras.layers.Layer):
    """(value - mean) / deviation with training statistics, clipped at ±4; an unknown (NaN) value is 0."""

    def __init__(self, features: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mean = self.add_weight(shape=(features,), initializer="zeros", trainable=False, name="mean")
        self.deviation = self.add_weight(
            shape=(features,), initializer="ones", trainable=False, name="deviation"
        )

    def adapt(self, values: NDArray[np.float32]) -> None:
        """Set mean and deviation from training values, shape (events, features)."""
        finite = np.where(np.isfinite(values), values, np.nan).astype(np.float64)
        known = np.isfinite(finite).any(axis=0)
        mean, deviation = np.zeros(values.shape[1]), np.ones(values.shape[1])
        mean[known] = np.nanmean(finite[:, known], axis=0)
        deviation[known] = np.nanstd(finite[:, known], axis=0)
        self.mean.assign(mean)
        self.deviation.assign(np.where(deviation > _TINY, deviation, 1.0))

    def call(self, values: Any) -> Any:
        """(…, features) -> the same shape."""
        scaled = ops.clip((values - self.mean) / self.deviation, -4.0, 4.0)
        return ops.where(ops.isnan(scaled), ops.zeros_like(scaled), scaled)


class SlotFusion(keras.layers.Layer):
    """Additive attention over several vectors of one movie: its own, its directors', its actors', its genres'.

    Each slot is projected by its own matrix and scored by vᵀ tanh(W x); the softmax over the slots that are present
    weights them. A movie without any vector gets a learned one.
    """

    def __init__(self, slots: int, input_size: int, size: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.project = self.add_weight(
            shape=(slots, input_size, size), initializer="glorot_uniform", name="project"
        )
        self.offset = self.add_weight(shape=(slots, size), initializer="zeros", name="offset")
        self.mix = self.add_weight(shape=(size, size), initializer="glorot_uniform", name="mix")
        self.score = self.add_weight(shape=(size,), initializer="zeros", name="score")
        self.absent = self.add_weight(shape=(size,), initializer="zeros", name="absent")

    def call(self, slots: Any, present: Any) -> Any:
        """For each slot (…, input_size), and (…, slots) in {0, 1} -> (…, size)."""
        # A matrix product a slot: the gradient of one einsum over all of them is many times slower on a processor.
        each = [ops.matmul(slot, self.project[k]) for k, slot in enumerate(slots)]
        projected = ops.stack(each, axis=-2) + self.offset  # (…, slots, size)
        scores = ops.einsum("...ko,o->...k", ops.tanh(ops.matmul(projected, self.mix)), self.score)
        weights = masked_softmax(scores, present)
        none = 1.0 - ops.max(present, axis=-1, keepdims=True)
        return ops.einsum("...k,...ko->...o", weights, projected) + none * self.absent


class FusedLstm(keras.layers.Layer):
    """An LSTM over a sequence, all steps in one TensorFlow kernel: the numbers of Keras's loop, several times faster.

    Weights are initialised as in Keras, except that the forget gate's bias is 0: a bias of 1 was no better. Gates are
    in the kernel's order: input, cell, forget, output.
    """

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.supports_jit = False  # XLA does not know the kernel

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Make the weights for an input of (b, s, size)."""
        units = self.units
        self.kernel = self.add_weight(
            shape=(shape[-1], 4 * units), initializer="glorot_uniform", name="kernel"
        )
        self.recurrent = self.add_weight(
            shape=(units, 4 * units), initializer="orthogonal", name="recurrent_kernel"
        )
        self.bias = self.add_weight(shape=(4 * units,), initializer="zeros", name="bias")

    def call(self, sequence: Any) -> Any:
        """(b, s, size) -> the state after each step, (b, s, units)."""
        steps = ops.transpose(sequence, (1, 0, 2))
        zeros, unused = ops.zeros((ops.shape(steps)[1], self.units)), ops.zeros((self.units,))
        after = tf.raw_ops.BlockLSTM(
            seq_len_max=tf.shape(steps, out_type=tf.int64)[0],
            x=steps,
            cs_prev=zeros,
            h_prev=zeros,
            w=ops.concatenate([self.kernel, self.recurrent], axis=0),
            wci=unused,
            wcf=unused,
            wco=unused,
            b=self.bias,
            forget_bias=0.0,
            cell_clip=-1.0,
            use_peephole=False,
        ).h
        return ops.transpose(after, (1, 0, 2))


class HistoryAttention(keras.layers.Layer):
    """Attention of a candidate over the visible steps of a history.

    A query sees the first `visible` steps of its row, and of those the last `window`: steps are in time order and
    `visible` counts the strictly earlier ones, so neither the future nor a tie can be attended to. Weights sum to 1
    over the visible steps. A separate gate, sigmoid(logsumexp(scores) - threshold), scales the context: the same as a
    "nothing" slot in the softmax, while the weights remain a distribution over real steps.

    Scores are τ · cos(P x_q, P x_j), less a learned recency decay in the steps and in the logarithm of the hours
    between.
    """

    def __init__(self, input_size: int, key_size: int, window: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.window = window
        self.project = self.add_weight(shape=(input_size, key_size), initializer="orthogonal", name="project")
        self.temperature = self.add_weight(
            shape=(), initializer=keras.initializers.Constant(1.5), name="temperature"
        )
        self.decay = self.add_weight(shape=(2,), initializer=keras.initializers.Constant(-2.0), name="decay")
        self.threshold = self.add_weight(shape=(), initializer="zeros", name="threshold")

    def keys(self, items: Any) -> Any:
        """(…, input_size) -> (…, key_size)."""
        keys = ops.matmul(items, self.project)
        return keys / ops.sqrt(ops.sum(keys * keys, axis=-1, keepdims=True) + _TINY)

    def call(self, query: Any, keys: Any, visible: Any, hours: Any) -> tuple[Any, Any]:
        """Weigh the history.

        Args:
            query: (b, q, key_size) from `keys`.
            keys: (b, s, key_size) from `keys`.
            visible: (b, q) integer, how many steps of the row are strictly earlier.
            hours: (b, q, s) hours from step to query.

        Returns:
            weights (b, q, s), summing to 1 over the visible steps, all 0 where there is none; gate (b, q) in [0, 1].
        """
        scores = ops.exp(self.temperature) * ops.einsum("bqk,bsk->bqs", query, keys)
        step = ops.arange(ops.shape(keys)[1], dtype="int32")
        back = visible[..., None] - step  # (b, q, s), 1 for the latest visible step
        seen = ops.cast(ops.logical_and(back > 0, back <= self.window), "float32")
        decay = ops.softplus(self.decay)
        scores = scores - decay[0] * ops.cast(ops.maximum(back, 0), "float32") / 8.0
        scores = scores - decay[1] * ops.log1p(ops.maximum(hours, 0.0))
        total = ops.logsumexp(ops.where(seen > 0, scores, _FAR), axis=-1)
        return masked_softmax(scores, seen), ops.sigmoid(total - self.threshold)


def masked_softmax(scores: Any, present: Any) -> Any:
    """Softmax over the last axis where `present` is 1; all zeros where nothing is."""
    shifted = ops.where(present > 0, scores, _FAR)
    raised = ops.exp(shifted - ops.max(shifted, axis=-1, keepdims=True)) * present
    return raised / ops.maximum(ops.sum(raised, axis=-1, keepdims=True), _TINY)
