"""What the network's last epochs beside the trees are worth, on a test inside the training years.

The ratings before the test are split once more by the same protocol, so no choice made with this has seen a test
rating. It prints the errors of both halves, of their mean, of what `train` ships and of the trees that a practitioner
would fit on the same features, and differences with their 95 % intervals (users resampled). Run it with the path of a
data set saved by `Dataset.save`:

    .venv/bin/python benchmarks/complement.py DATASET.npz [--protocol global] [--seed 0] [--dates]
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.splits import split
from kgrec_gds.evaluation.intervals import paired_differences
from kgrec_gds.features.rolling_statistics import DAY
from kgrec_gds.models.default import DefaultPredictor
from kgrec_gds.models.held_out import best_share
from kgrec_gds.models.trees import Trees


def before_the_test(dataset: Dataset, protocol: Any) -> Dataset:
    """The same data without the test's ratings."""
    parts = split(dataset.ratings, protocol)
    return replace(
        dataset, ratings=dataset.ratings.take(np.sort(np.concatenate([parts.train, parts.validation])))
    )


def of_dates(dataset: Dataset) -> Dataset:
    """The same data with the dates of its ratings and no times, as some lists have them."""
    ratings = dataset.ratings
    dates = ratings.rated_at // DAY * DAY
    return replace(dataset, ratings=replace(ratings, rated_at=dates).in_order())


def measure(dataset: Dataset, protocol: Any, seed: int) -> dict[str, Any]:
    """Errors by predictor, and their differences to the mean of the halves as they were."""
    parts = split(dataset.ratings, protocol)
    model = DefaultPredictor().fit(dataset, parts, seed)
    assert model.alone.held_out
    assert model.trees.held_out
    share = best_share(model.alone.held_out, model.trees.held_out)
    halves = {half.name: half.predict(dataset, parts.test) for half in (model.alone, model.trees)}
    mean = share * halves["attention_lstm"] + (1 - share) * halves["trees_default"]
    reference = Trees(graph=True).fit(dataset, parts, seed).predict(dataset, parts.test)
    said = halves | {
        "mean": mean,
        "default": model.predict(dataset, parts.test),
        "trees_graph": reference,
    }
    test = dataset.ratings.take(parts.test)
    errors = {name: (values.astype(np.float64) - test.rating) ** 2 for name, values in said.items()}
    pairs = [
        ("mean", "trees_default"),
        ("default", "trees_default"),
        ("default", "mean"),
        ("default", "trees_graph"),
    ]
    apart = np.stack([errors[one] - errors[other] for one, other in pairs], axis=1)
    intervals = paired_differences(apart, test.user_index)
    return {
        "share_before": round(share, 3),
        "share": round(model.network_weight, 3),
        "mse": {name: round(float(error.mean()), 4) for name, error in errors.items()},
        "differences": {
            f"{one} - {other}": [round(value, 4) for value in (got.difference, got.low, got.high)]
            for (one, other), got in zip(pairs, intervals, strict=True)
        },
    }


def run(measure: Callable[[Dataset, Any, int], dict[str, Any]], about: str | None) -> None:
    """Measure on the ratings before the test of the data set that the command line names, and print."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--protocol", choices=("global", "per-user"), default="global")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--dates", action="store_true", help="As if ratings had dates only.")
    arguments = parser.parse_args()
    whole = Dataset.load(arguments.dataset)
    dataset = before_the_test(of_dates(whole) if arguments.dates else whole, arguments.protocol)
    print(json.dumps(measure(dataset, arguments.protocol, arguments.seed)))


if __name__ == "__main__":
    run(measure, __doc__)
