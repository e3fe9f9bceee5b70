"""The attention-LSTM's two ONNX graphs, built node by node from the weights.

Keras's own export writes graphs that ONNX Runtime cannot load (a fused LSTM) or that loop (a masked one).
Shapes: s steps of one history, q candidates.
"""

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from kgrec_gds.models.attention_lstm.network import AttentionNetwork

#: The newest that ONNX Runtime 1.29 for Java loads; onnx itself would write a newer IR.
OPSET, IR_VERSION = 20, 10
_FAR, _TINY = -1e9, 1e-6


class _Graph:
    """A graph under construction; `op` adds a node and names its output."""

    def __init__(self, name: str, **inputs: list[Any]) -> None:
        self.name = name
        self.inputs = [
            helper.make_tensor_value_info(key, TensorProto.FLOAT, shape) for key, shape in inputs.items()
        ]
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, value: Any, kind: Any = np.float32) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value, kind), name))
        return name

    def op(self, kind: str, *inputs: str, outputs: int = 1, **attributes: Any) -> Any:
        names = [f"n{len(self.nodes)}_{number}" for number in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names[0] if outputs == 1 else names

    def sum(self, values: str, axis: int = -1) -> str:
        total: str = self.op("ReduceSum", values, self.constant([axis], np.int64), keepdims=1)
        return total

    def product(self, values: str, kernel: NDArray[np.float32], bias: Any = None) -> str:
        result: str = self.op("MatMul", values, self.constant(kernel))
        return result if bias is None else str(self.op("Add", result, self.constant(bias)))

    def dense(self, values: str, layer: Any) -> str:
        """A Keras layer with gelu."""
        return str(self.op("Gelu", self.product(values, _array(layer.kernel), _array(layer.bias))))

    def serialised(self, **outputs: tuple[str, list[Any]]) -> bytes:
        """The model; every output by its node's output and shape."""
        for name, (value, _) in outputs.items():
            self.nodes.append(helper.make_node("Identity", [value], [name]))
        described = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
            for name, (_, shape) in outputs.items()
        ]
        graph = helper.make_graph(self.nodes, self.name, self.inputs, described, self.constants)
        opset = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(
            graph, opset_imports=opset, ir_version=IR_VERSION, producer_name="kgrec-gds"
        )
        onnx.checker.check_model(model)
        serialised: bytes = model.SerializeToString()
        return serialised


def encoder_graph(network: AttentionNetwork) -> bytes:
    """A history to keys, values and the recurrent state; see `OnnxGraphs`."""
    settings, size = network.settings, network.item_size
    columns = {"rating": ["s", 1], "log_gap": ["s", 1]} if settings.use_lstm else {}
    graph = _Graph("encoder", items=["s", size], residual=["s", 1], **columns)
    rated = graph.op("Mul", "items", "residual")
    values, outputs = ["residual"], {}
    if settings.use_lstm:
        units = settings.lstm_units
        step = graph.op("Concat", "items", rated, "residual", "rating", "log_gap", axis=1)
        sequence = graph.op("Unsqueeze", graph.dense(step, network.step), graph.constant([1], np.int64))
        # TensorFlow's gates are input, cell, forget, output; ONNX's input, output, forget, cell.
        weights = [_gates(each) for each in (network.lstm.kernel, network.lstm.recurrent)]
        bias = np.concatenate([_gates(network.lstm.bias)[None], np.zeros((1, 4 * units))], axis=1)
        constants = (graph.constant(each) for each in (*(weight.T[None] for weight in weights), bias))
        after, last = graph.op("LSTM", sequence, *constants, outputs=2, hidden_size=units)
        after = graph.op("Reshape", after, graph.constant([-1, units], np.int64))
        outputs["state"] = graph.op("Reshape", last, graph.constant([1, units], np.int64)), [1, units]
        values.append(graph.product(after, _array(network.state_value.kernel)))
    value_size = 1 + size + (settings.key_size if settings.use_lstm else 0)
    return graph.serialised(
        keys=(_keys(graph, network), ["s", settings.key_size]),
        values=(graph.op("Concat", *values, rated, axis=1), ["s", value_size]),
        **outputs,
    )


def scorer_graph(network: AttentionNetwork) -> bytes:
    """An encoded history and candidates to residuals and attention weights; see `OnnxGraphs`."""
    settings, sizes, size = network.settings, network.sizes, network.item_size
    value_size = 1 + size + (settings.key_size if settings.use_lstm else 0)
    state = {"state": [1, settings.lstm_units]} if settings.use_lstm else {}
    values = {"values": ["s", value_size]} if settings.use_attention else {}
    graph = _Graph(
        "scorer",
        items=["q", size],
        features=["q", sizes.features],
        **state,
        keys=["s", settings.key_size],
        **values,
        **{name: ["s"] for name in ("back", "hours", "seen")},
    )
    weights, gate = _attention(graph, network)
    parts = [("items", size)]
    if settings.use_lstm:
        user = graph.product("state", _array(network.user_vector.kernel))
        parts += [("state", settings.lstm_units), (graph.sum(graph.op("Mul", user, "items")), 1)]
    if settings.use_attention:
        context = graph.op("Mul", gate, graph.op("MatMul", weights, "values"))
        ends = (graph.constant([each], np.int64) for each in (value_size - size, value_size, 1))
        rated = graph.op("Slice", context, *ends)
        parts += [(context, value_size), (gate, 1), (graph.sum(graph.op("Mul", rated, "items")), 1)]
    hidden = _first_layer(graph, network, parts)
    for layer in network.deeper:
        hidden = graph.dense(hidden, layer)
    output = graph.product(hidden, _array(network.output_layer.kernel), _array(network.output_layer.bias))
    scaled = graph.op(
        "Div",
        graph.op("Sub", "features", graph.constant(_array(network.standardise.mean))),
        graph.constant(_array(network.standardise.deviation)),
    )
    linear = graph.product(_clip(graph, scaled, -4, 4), _array(network.skip.kernel))
    residual = graph.op("Reshape", graph.op("Add", output, linear), graph.constant([-1], np.int64))
    return graph.serialised(residual=(residual, ["q"]), weights=(weights, ["q", "s"]))


def _first_layer(graph: _Graph, network: AttentionNetwork, parts: list[tuple[str, int]]) -> str:
    """The head's first layer: each part by its rows of the kernel, so that what all candidates share is computed once."""
    kernel, begin = _array(network.from_history.kernel), 0
    hidden = graph.product(_pieces(graph, network), _array(network.from_features.kernel))
    hidden = graph.op("Add", hidden, graph.constant(_array(network.from_history.bias)))
    for part, width in parts:
        hidden = graph.op("Add", hidden, graph.product(part, kernel[begin : begin + width]))
        begin += width
    return str(graph.op("Gelu", hidden))


def _pieces(graph: _Graph, network: AttentionNetwork) -> str:
    """The piecewise-linear encoding of the features; see `PiecewiseLinear`."""
    edges = _array(network.encode_features.edges)
    low, wide = edges[:, :-1], np.maximum(edges[:, 1:] - edges[:, :-1], np.float32(_TINY))
    each = graph.op("Unsqueeze", "features", graph.constant([2], np.int64))
    share = graph.op("Div", graph.op("Sub", each, graph.constant(low)), graph.constant(wide))
    flat = graph.constant([-1, low.size], np.int64)
    return str(graph.op("Reshape", _clip(graph, share, 0, 1), flat))


def _attention(graph: _Graph, network: AttentionNetwork) -> tuple[str, str]:
    """Weights (q, s) and gate (q, 1); see `HistoryAttention`."""
    layer = network.attention
    decay = np.log1p(np.exp(_array(layer.decay).astype(np.float64)))
    turned = graph.op("Transpose", "keys", perm=[1, 0])
    cosine = graph.op("MatMul", _keys(graph, network), turned)
    scores = graph.op("Mul", cosine, graph.constant(np.exp(_array(layer.temperature))))
    far = graph.op("Mul", "back", graph.constant(decay[0] / 8))
    hours = graph.op("Log", graph.op("Add", "hours", graph.constant(1.0)))
    old = graph.op("Mul", hours, graph.constant(decay[1]))
    scores = graph.op("Sub", graph.op("Sub", scores, far), old)
    seen = graph.op("Greater", "seen", graph.constant(0.0))
    shown = graph.op("Where", seen, scores, graph.constant(_FAR))
    most = graph.op("ReduceMax", shown, graph.constant([-1], np.int64), keepdims=1)
    raised = graph.op("Exp", graph.op("Sub", shown, most))
    total = graph.op("Add", most, graph.op("Log", graph.sum(raised)))
    gate = graph.op("Sigmoid", graph.op("Sub", total, graph.constant(_array(layer.threshold))))
    present = graph.op("Mul", raised, "seen")
    weights = graph.op("Div", present, graph.op("Max", graph.sum(present), graph.constant(_TINY)))
    return weights, gate


def _keys(graph: _Graph, network: AttentionNetwork) -> str:
    keys = graph.product("items", _array(network.attention.project))
    squares = graph.op("Add", graph.sum(graph.op("Mul", keys, keys)), graph.constant(_TINY))
    return str(graph.op("Div", keys, graph.op("Sqrt", squares)))


def _clip(graph: _Graph, values: str, low: float, high: float) -> str:
    return str(graph.op("Clip", values, graph.constant(low), graph.constant(high)))


def _gates(weights: Any) -> NDArray[np.float32]:
    given, cell, forget, output = np.split(_array(weights), 4, axis=-1)
    return np.concatenate([given, output, forget, cell], axis=-1)


def _array(variable: Any) -> NDArray[np.float32]:
    return np.asarray(variable, np.float32)
