"""Which vectors the recommender does best with, by the validation ratings of the graph that is there.

For every embedding method in the graph it fits the network and the trees on the training part, and prints the weighted
errors of the validation ratings of both and of their mean, and the mean's difference to the first method's with its 95 % interval
(users resampled). No test rating is read.

    kgrec-gds embed --method fastrp   # and others
    .venv/bin/python benchmarks/embeddings.py [--protocol global] [--seed 0] [--methods fastrp,transe]
"""

import argparse
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.pull import available_methods, pull
from kgrec_gds.data.splits import split
from kgrec_gds.evaluation.intervals import paired_differences
from kgrec_gds.models.attention_lstm.model import AttentionLstm
from kgrec_gds.models.trees import Trees
from kgrec_gds.workflows.connect import connect


def squared_errors(dataset: Dataset, protocol: Any, seed: int) -> dict[str, NDArray[np.float64]]:
    """Weighted squared errors of the validation ratings by predictor; their mean is the weighted error."""
    parts = split(dataset.ratings, protocol)
    network = AttentionLstm().fit(dataset, parts, seed).held_out
    trees = Trees(graph=True).fit(dataset, parts, seed).held_out
    assert network
    assert trees
    weight = network.weight / network.weight.mean()
    said = {"network": network.predicted, "trees": trees.predicted}
    said["mean"] = (network.predicted + trees.predicted) / 2
    return {name: weight * (values - network.actual.astype(np.float64)) ** 2 for name, values in said.items()}


def measure(dataset: Dataset, protocol: Any, seed: int) -> dict[str, Any]:
    """Errors by method and predictor, and each method's mean less the first method's."""
    users = dataset.ratings.user_index[split(dataset.ratings, protocol).validation]
    errors = {method: squared_errors(dataset.reading(method), protocol, seed) for method in dataset.methods()}
    first, *others = errors
    found: dict[str, Any] = {
        method: {name: round(float(error.mean()), 4) for name, error in by_name.items()}
        for method, by_name in errors.items()
    }
    for method in others:
        (apart,) = paired_differences((errors[method]["mean"] - errors[first]["mean"])[:, None], users)
        found[method][f"mean less {first}'s"] = [
            round(value, 4) for value in (apart.difference, apart.low, apart.high)
        ]
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--protocol", choices=("global", "per-user"), default="global")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--methods", help="Names with commas between them; all that the graph holds.")
    arguments = parser.parse_args()
    with connect() as graph:
        methods = arguments.methods.split(",") if arguments.methods else available_methods(graph)
        dataset = pull(graph, methods[0], others=methods[1:])
    print(json.dumps(measure(dataset, arguments.protocol, arguments.seed)))


if __name__ == "__main__":
    main()
