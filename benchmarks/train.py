"""Events per second: one pass over whole histories against Keras `fit` on one sliding window an event.

Both train the same network with the same number of parameters on the same events, take the same validation events,
and see windows of the same length; the runs alternate, so that a busy machine slows both. Run it with the path of a
data set saved by `Dataset.save`, or against the configured graph without one:

    .venv/bin/python benchmarks/train.py [DATASET.npz] [--rounds 3] [--epochs 1]
"""

import argparse
import json
import statistics
import time
from pathlib import Path
from typing import Any

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.sequences import lay_out, row_arrays
from kgrec_gds.data.splits import split
from kgrec_gds.keras_backend import keras
from kgrec_gds.models.attention_lstm.hyperparameters import Settings
from kgrec_gds.models.attention_lstm.model import AttentionLstm
from kgrec_gds.models.attention_lstm.trainer import Trainer, event_target, make_optimizer
from kgrec_gds.models.inputs import read_inputs

import numpy as np  # isort: skip


class Windowed(keras.Model):
    """The same network behind Keras's `fit`: one row, one query."""

    def __init__(self, trainer: Trainer) -> None:
        super().__init__()
        self.network, self.catalogue = trainer.network, trainer.catalogue

    def call(self, inputs: dict[str, Any], *, training: bool = False) -> Any:
        """Inputs by name, steps and queries apart by their prefix."""
        steps = {name[2:]: value for name, value in inputs.items() if name.startswith("s_")}
        queries = {name[2:]: value for name, value in inputs.items() if name.startswith("q_")}
        return self.network(steps, queries, self.catalogue, training=training)[0]


def window_inputs(trainer: Trainer, events: np.ndarray, length: int) -> dict[str, np.ndarray]:
    """One window of the last `length` strictly earlier events for each event."""
    inputs = trainer.inputs
    queries = inputs.queries
    chosen = queries.take(events)
    # A piece of one event with the rest as burn-in is exactly a sliding window.
    rows = lay_out(inputs.histories, chosen, 1, length)
    order = np.argsort(rows.query)
    steps, asked, number = row_arrays(inputs.histories, rows, order, chosen)
    asked = {name: value[:, :1] for name, value in asked.items()}
    asked["features"] = inputs.features[events][:, None, :]
    assert np.array_equal(number[:, 0], np.arange(len(events)))
    named = {f"s_{name}": value for name, value in steps.items() if name != "position"}
    return named | {f"q_{name}": value for name, value in asked.items()}


def one_pass(model: AttentionLstm, data: Any, epochs: int) -> tuple[float, float, int]:
    """Seconds, validation error and parameters of our way."""
    dataset, parts, inputs, target = data
    keras.utils.set_random_seed(0)
    trainer = model.build(dataset, inputs, parts.train).trainer(dataset, inputs)
    begin = time.perf_counter()
    trainer.fit(target, parts.train, None, seed=0, epochs=epochs)
    seconds = time.perf_counter() - begin
    return seconds, _error(trainer.predict(parts.validation), target, parts), _parameters(trainer.network)


def sliding(model: AttentionLstm, data: Any, epochs: int) -> tuple[float, float, int]:
    """Seconds, validation error and parameters of Keras's way."""
    dataset, parts, inputs, target = data
    keras.utils.set_random_seed(0)
    trainer = model.build(dataset, inputs, parts.train).trainer(dataset, inputs)
    length = model.settings.chunk // 2 + model.settings.burn_in  # what an event of ours sees on average
    windows, validation = (window_inputs(trainer, part, length) for part in (parts.train, parts.validation))
    windowed = Windowed(trainer)
    steps = -(-len(parts.train) // model.settings.batch_events) * model.settings.epochs
    windowed.compile(make_optimizer(model.settings, steps), loss="mse")
    begin = time.perf_counter()
    windowed.fit(
        windows,
        target[parts.train][:, None],
        epochs=epochs,
        batch_size=model.settings.batch_events,
        verbose=0,
    )
    seconds = time.perf_counter() - begin
    predicted = windowed.predict(validation, batch_size=2048, verbose=0)[:, 0]
    return seconds, _error(predicted, target, parts), _parameters(trainer.network)


def _error(predicted: np.ndarray, target: np.ndarray, parts: Any) -> float:
    return float(np.mean((predicted - target[parts.validation]) ** 2))


def _parameters(network: Any) -> int:
    return sum(int(np.prod(variable.shape)) for variable in network.trainable_variables)


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset", type=Path, nargs="?")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=1)
    arguments = parser.parse_args()
    dataset = Dataset.load(arguments.dataset) if arguments.dataset else _pulled()
    parts = split(dataset.ratings, "global")
    inputs = read_inputs(dataset)
    data = (dataset, parts, inputs, event_target(dataset, inputs))
    model = AttentionLstm(Settings(members=1))
    rates: dict[str, list[float]] = {"one_pass": [], "sliding": []}
    errors: dict[str, float] = {}
    parameters = {}
    for _ in range(arguments.rounds):
        for name, way in (("one_pass", one_pass), ("sliding", sliding)):
            seconds, errors[name], parameters[name] = way(model, data, arguments.epochs)
            rates[name].append(len(parts.train) * arguments.epochs / seconds)
            print(f"{name}: {rates[name][-1]:.0f} events/s, validation {errors[name]:.4f}", flush=True)
    medians = {name: statistics.median(found) for name, found in rates.items()}
    ratios = [ours / theirs for ours, theirs in zip(rates["one_pass"], rates["sliding"], strict=True)]
    print(
        json.dumps(
            {
                "events_per_second": medians,
                "times_faster": statistics.median(ratios),
                "times_faster_by_round": ratios,
                "validation_mse": errors,
                "parameters": parameters,
                "train_events": len(parts.train),
                "validation_events": len(parts.validation),
            }
        )
    )


def _pulled() -> Dataset:
    from kgrec_gds.data.pull import pull
    from kgrec_gds.workflows.connect import connect
    from kgrec_gds.workflows.train import chosen_method

    with connect() as graph:
        return pull(graph, chosen_method(graph, None))


if __name__ == "__main__":
    main()
