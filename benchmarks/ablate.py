"""What a part of a model is worth: test errors with it and without it, at once, a day and a month old.

A part is a feature block (a class of `kgrec_gds.features.table.BLOCKS`) or, with `--model attention_lstm`, a part of the
network (`no_vectors`, `no_lstm`, …). Every `--without` is measured by itself; a comma leaves out several parts together.
The difference is the mean squared error without the part minus that with it, averaged over the seeds, with its 95 %
interval (users resampled): above zero, the part pays. Run it with data sets saved by `Dataset.save`, or a folder of them:

    .venv/bin/python benchmarks/ablate.py DATASET.npz --without GaussianProcess --without UserGenres,Calendar
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.data.splits import Split, split
from kgrec_gds.evaluation.intervals import paired_differences
from kgrec_gds.features.table import BLOCKS, Features
from kgrec_gds.models.attention_lstm.hyperparameters import ABLATIONS
from kgrec_gds.models.delays import HORIZONS
from kgrec_gds.models.registry import MODELS, build, why_not_delayed

_BLOCK_NAMES = [block.__name__ for block in BLOCKS]
Errors = dict[str, NDArray[np.float64]]


def without_blocks(dataset: Dataset, names: set[str]) -> Dataset:
    """The same data set, whose features lack some blocks."""
    reduced = replace(dataset)
    kept = [block for block in BLOCKS if block.__name__ not in names]
    reduced._derived[Features] = Features(reduced, kept)
    return reduced


def squared_errors(dataset: Dataset, parts: Split, model: str, seed: int, settings: dict[str, Any]) -> Errors:
    """Squared error of each test rating, by horizon."""
    fitted = build(model, **settings).fit(dataset, parts, seed)
    test = dataset.ratings.take(parts.test)
    only_at_once = why_not_delayed(model, parts.protocol) is not None
    return {
        horizon: (fitted.predict(dataset, Queries.of(test).delayed(delay)) - test.rating.astype(np.float64))
        ** 2
        for horizon, delay in HORIZONS.items()
        if not (delay and only_at_once)
    }


def mean_errors(
    dataset: Dataset, parts: Split, model: str, seeds: int, left_out: tuple[str, ...] = ()
) -> Errors:
    """Squared error of each test rating averaged over the seeds, with some parts left out."""
    blocks = {name for name in left_out if name in _BLOCK_NAMES}
    settings = {
        key: value for name in left_out if name in ABLATIONS for key, value in ABLATIONS[name].items()
    }
    read = without_blocks(dataset, blocks) if blocks else dataset
    by_seed = [squared_errors(read, parts, model, seed, settings) for seed in range(seeds)]
    return {horizon: np.mean([errors[horizon] for errors in by_seed], axis=0) for horizon in by_seed[0]}


def measure(
    dataset: Dataset, protocol: Any, model: str, seeds: int, ablations: list[tuple[str, ...]]
) -> Iterator[dict[str, Any]]:
    """One record an ablation and horizon."""
    parts = split(dataset.ratings, protocol).holding("train", "validation", "test")
    users = dataset.ratings.user_index[parts.test]
    whole = mean_errors(dataset, parts, model, seeds)
    for left_out in ablations:
        reduced = mean_errors(dataset, parts, model, seeds, left_out)
        for horizon, errors in whole.items():
            (found,) = paired_differences((reduced[horizon] - errors)[:, None], users)
            yield {
                "protocol": protocol,
                "without": ",".join(left_out),
                "horizon": horizon,
                "mse_with": float(errors.mean()),
                "mse_without": float(reduced[horizon].mean()),
                "difference": found.difference,
                "low": found.low,
                "high": found.high,
            }


def as_text(record: dict[str, Any]) -> str:
    """One line for people."""
    share = record["difference"] / record["mse_with"]
    return (
        f"{record['dataset']:16} {record['protocol']:9} {record['without']:40} {record['horizon']:9} "
        f"with {record['mse_with']:.4f}  without {record['mse_without']:.4f}  "
        f"{record['difference']:+.4f} [{record['low']:+.4f}, {record['high']:+.4f}]  {share:+.2%}"
    )


def arguments() -> argparse.Namespace:
    """Read and check the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "datasets", type=Path, nargs="+", help="Files saved by Dataset.save, or folders of them."
    )
    parser.add_argument("--without", action="append", required=True, help="Parts to leave out together.")
    parser.add_argument(
        "--model", default="trees_graph", choices=[n for n, e in MODELS.items() if e.recommends]
    )
    parser.add_argument("--protocol", action="append", choices=("global", "per-user"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="Print one JSON object a line.")
    given = parser.parse_args()
    given.without = [tuple(parts.split(",")) for parts in given.without]
    known = [*_BLOCK_NAMES, *(ABLATIONS if given.model == "attention_lstm" else ())]
    if unknown := [part for parts in given.without for part in parts if part not in known]:
        parser.error(f"Unknown parts {', '.join(unknown)}; expected some of {', '.join(known)}.")
    return given


def main() -> None:
    """Measure and print."""
    given = arguments()
    paths = [
        file for path in given.datasets for file in (sorted(path.glob("*.npz")) if path.is_dir() else [path])
    ]
    for path in paths:
        dataset = Dataset.load(path)
        for protocol in given.protocol or ("global", "per-user"):
            for record in measure(dataset, protocol, given.model, given.seeds, given.without):
                record = {"dataset": path.stem, "model": given.model, **record}
                print(json.dumps(record) if given.json else as_text(record), flush=True)


if __name__ == "__main__":
    main()
