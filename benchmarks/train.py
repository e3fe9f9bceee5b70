"""Queries per second in training: one pass over each history against one sliding window for each query.

Both train the same network with the same number of parameters on the same events of the protocol `global`, for one epoch;
with blocks of one rating, every query has a row of its own: a sliding window. The runs alternate, so that a busy machine
slows both. The data set is a file written by `Dataset.save`:

    .venv/bin/python benchmarks/train.py DATASET.npz [--rounds 3]
"""

import argparse
import json
import statistics
import time
from pathlib import Path

import numpy as np

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.data.splits import Split, split
from kgrec_gds.models.attention_lstm.hyperparameters import Hyperparameters
from kgrec_gds.models.attention_lstm.model import AttentionLstm

DEFAULTS = Hyperparameters()
LAYOUTS = {
    "one pass": {},
    # a window as long as the history that a query of a block sees on average
    "sliding windows": {"block": 1, "burn_in": DEFAULTS.block // 2 + DEFAULTS.burn_in},
}


def train(dataset: Dataset, parts: Split, layout: dict[str, int]) -> tuple[float, float]:
    """Queries per second of one epoch, and the error on the validation events at once."""
    train_only = Split("global", parts.train, parts.validation[:0], parts.test)
    begin = time.perf_counter()
    model = AttentionLstm(epochs=1, **layout).fit(dataset, train_only, seed=0)
    seconds = time.perf_counter() - begin
    held = dataset.ratings.take(parts.validation)
    error = float(np.mean((model.predict(dataset, Queries.of(held)) - held.rating) ** 2))
    return len(parts.train) / seconds, error


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    dataset = Dataset.load(arguments.dataset)
    parts = split(dataset.ratings, "global")
    rates: dict[str, list[float]] = {name: [] for name in LAYOUTS}
    errors: dict[str, float] = {}
    for _ in range(arguments.rounds):
        for name, layout in LAYOUTS.items():
            rate, errors[name] = train(dataset, parts, layout)
            rates[name].append(rate)
    ratios = [ours / theirs for ours, theirs in zip(*rates.values(), strict=True)]
    print(
        json.dumps(
            {
                "queries_per_second": {name: statistics.median(found) for name, found in rates.items()},
                "times_faster": statistics.median(ratios),
                "validation_mse": errors,
                "train_events": len(parts.train),
            }
        )
    )


if __name__ == "__main__":
    main()
