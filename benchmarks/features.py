"""What feature columns are worth to the trees, on validation ratings or on a test inside the training years.

The trees with the graph's features are fitted with and without the named columns. `--nested` splits the ratings before
the test once more and measures on that test, else the weighted validation ratings count; no choice made with either
has seen a test rating. Run it with the path of a data set saved by `Dataset.save`:

    .venv/bin/python benchmarks/features.py DATASET.npz --without user_taste [--protocol global] [--seeds 3] [--nested]
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from complement import before_the_test
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.splits import Split, split
from kgrec_gds.evaluation.intervals import paired_differences
from kgrec_gds.models.trees import Trees


class TreesWithout(Trees):
    """The trees with the graph's features, but for some columns."""

    def __init__(self, left_out: tuple[str, ...]) -> None:
        super().__init__(graph=True)
        self.left_out = left_out

    def reads(self, names: tuple[str, ...], *, vectors: bool) -> tuple[str, ...]:
        """The others."""
        if unknown := sorted(set(self.left_out) - set(names)):
            raise SystemExit(f"A column should be one of {', '.join(names)}; received {unknown}.")
        return tuple(name for name in super().reads(names, vectors=vectors) if name not in self.left_out)


def squared_errors(
    trees: Trees, dataset: Dataset, parts: Split, seed: int, *, nested: bool
) -> NDArray[np.float64]:
    """Of the test's events, or weighted of the validation's."""
    trees.fit(dataset, parts, seed)
    if nested:
        return (
            trees.predict(dataset, parts.test).astype(np.float64) - dataset.ratings.rating[parts.test]
        ) ** 2
    assert trees.held_out
    held = trees.held_out
    return held.weight * (held.predicted.astype(np.float64) - held.actual) ** 2


def measure(
    dataset: Dataset, protocol: Any, left_out: tuple[str, ...], seeds: int, *, nested: bool
) -> dict[str, Any]:
    """Errors with and without the columns, and their difference with its interval (users resampled)."""
    data = before_the_test(dataset, protocol) if nested else dataset
    parts = split(data.ratings, protocol)
    with_all, without = (
        np.stack(
            [squared_errors(TreesWithout(names), data, parts, seed, nested=nested) for seed in range(seeds)]
        )
        for names in ((), left_out)
    )
    asked = parts.test if nested else parts.validation
    apart = (with_all - without).mean(axis=0)[:, None]
    (found,) = paired_differences(apart, data.ratings.user_index[asked])
    return {
        "with": [round(float(error), 4) for error in with_all.mean(axis=1)],
        "without": [round(float(error), 4) for error in without.mean(axis=1)],
        "difference": [round(value, 4) for value in (found.difference, found.low, found.high)],
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--without", action="append", required=True, help="A column; may be repeated.")
    parser.add_argument("--protocol", choices=("global", "per-user"), default="global")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--nested", action="store_true")
    args = parser.parse_args()
    dataset = Dataset.load(args.dataset)
    print(json.dumps(measure(dataset, args.protocol, tuple(args.without), args.seeds, nested=args.nested)))


if __name__ == "__main__":
    main()
