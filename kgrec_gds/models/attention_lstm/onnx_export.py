"""The attention-LSTM as two ONNX graphs, which run without Keras: one encodes a history, one scores candidates.

Shapes: s steps of one history, q candidates. Names of inputs and outputs are those of `encoder` and `scorer`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from kgrec_gds.errors import ModelRunError
from kgrec_gds.models.attention_lstm.network import AttentionNetwork
from kgrec_gds.models.attention_lstm.onnx_graphs import encoder_graph, scorer_graph

TOLERANCE = 1e-5

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class OnnxGraphs:
    """Both graphs, serialised, and the recurrent state of an empty history."""

    encoder: bytes
    """`items` (s, item size), `residual`, `rating` and `log_gap` (s, 1) → `keys`, `values`, and `state` (1, units)."""
    scorer: bytes
    """`items` (q, item size), `features` (q, features), `state`, and of the steps that can be attended to `keys`,
    `values`, `back` (1 for the latest), `hours` (to the query) and `seen` (1 or 0) → `residual` (q,), `weights` (q, s)."""
    first_state: NDArray[np.float32]
    """Shape (1, units); (1, 0) for a network without LSTM."""


def export(network: AttentionNetwork, items: NDArray[np.float32]) -> OnnxGraphs:
    """Build both graphs from the network's weights, and compare what they compute with the network itself.

    Args:
        network: the fitted network.
        items: representations of movies, shape (movies, item size), on which both are compared.

    Raises:
        ModelRunError: the graphs and the network differ.
    """
    uses_lstm = network.settings.use_lstm
    first = np.asarray(network.first_state)[0] if uses_lstm else np.zeros((1, 0), np.float32)
    graphs = OnnxGraphs(encoder_graph(network), scorer_graph(network), first)
    worst = difference(graphs, network, items)
    if not worst <= TOLERANCE:
        raise ModelRunError(
            f"The exported network differs from Keras's by {worst:.2g}; expected at most {TOLERANCE:g}. "
            "Publish with another version of onnx, or train again."
        )
    return graphs


def difference(graphs: OnnxGraphs, network: AttentionNetwork, items: NDArray[np.float32]) -> float:
    """The largest difference of a residual or an attention weight, over histories of several lengths."""
    from onnx.reference import ReferenceEvaluator

    encoder, scorer = (
        ReferenceEvaluator(onnx.load_from_string(each)) for each in (graphs.encoder, graphs.scorer)
    )
    rng, window = np.random.default_rng(0), network.settings.attention_steps
    differences: list[NDArray[np.float32]] = []
    for length in (0, 1, window, 2 * window + 7):
        steps = _random_steps(rng, length, len(items))
        queries = {
            "movie": rng.integers(0, len(items), (1, 9)).astype(np.int32),
            "visible": np.full((1, 9), length, np.int32),
            "at": np.full((1, 9), 90_000, np.int32),
            "place": np.arange(9, dtype=np.int32),
            "features": rng.normal(0, 2, (9, network.sizes.features)).astype(np.float32),
        }
        catalogue = {"represented": items}
        expected, weights = network.score(network.encode(steps, catalogue), queries, catalogue)
        known: Arrays = {"state": graphs.first_state}
        if length:
            inputs: Arrays = {"items": items[steps["movie"][0, :length]]}
            columns = ("residual", "rating", "log_gap")
            inputs |= {name: steps[name][0, :length].reshape(-1, 1) for name in columns}
            known |= dict(zip(encoder.output_names, _run(encoder, inputs), strict=True))
        attended = min(length, window)
        inputs = {"items": items[queries["movie"][0]], "features": queries["features"]}
        inputs |= attention_inputs(known, steps["at"][0, length - attended : length], 90_000, network)
        with np.errstate(over="ignore"):  # the gate of an empty history
            residual, found = _run(scorer, inputs)
        theirs = np.asarray(weights)[0, :, length - attended : length]
        differences += [np.asarray(expected) - residual, (theirs - found[:, :attended]).ravel()]
    return float(np.abs(np.concatenate(differences)).max())


def attention_inputs(
    encoded: Arrays, step_times: NDArray[np.integer], at: int, network: AttentionNetwork
) -> Arrays:
    """The scorer's inputs about the last steps of a history; without any, one step that is not seen."""
    count = len(step_times)
    if not count:
        item_size, key_size = network.item_size, network.settings.key_size
        value_size = 1 + item_size + (key_size if network.settings.use_lstm else 0)
        one = np.ones(1, np.float32)
        empty = {"keys": np.zeros((1, key_size), np.float32), "values": np.zeros((1, value_size), np.float32)}
        return {"state": encoded["state"], **empty, "back": one, "hours": 0 * one, "seen": 0 * one}
    return {
        "state": encoded["state"],
        "keys": encoded["keys"][-count:],
        "values": encoded["values"][-count:],
        "back": np.arange(count, 0, -1, dtype=np.float32),
        "hours": (np.maximum(at - step_times, 0).astype(np.float32) / np.float32(3600)),
        "seen": np.ones(count, np.float32),
    }


def _random_steps(rng: np.random.Generator, length: int, movies: int) -> Arrays:
    count = max(length, 1)  # Keras's graphs need a step; what is not visible is not read
    values = {
        name: rng.normal(0, 1, (1, count)).astype(np.float32) for name in ("residual", "rating", "log_gap")
    }
    movie = rng.integers(0, movies, (1, count)).astype(np.int32)
    at = np.sort(rng.integers(0, 80_000, (1, count))).astype(np.int32)
    return {**values, "movie": movie, "at": at, "place": np.arange(count, dtype=np.int32)}


def _run(evaluator: Any, inputs: Arrays) -> list[NDArray[np.float32]]:
    found: list[NDArray[np.float32]] = evaluator.run(
        None, {name: inputs[name] for name in evaluator.input_names}
    )
    return found
