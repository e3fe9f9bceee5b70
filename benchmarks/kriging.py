"""How well a user's earlier ratings together foretell the next one, and what each variance of the kriging is worth.

The error of the causal bias, and of the bias with each kriged column, over all ratings before the test; then the last
column's with each setting halved and doubled, and how long all features take. No test rating is looked at but for that.
Run it with the path of a data set saved by `Dataset.save`:

    .venv/bin/python benchmarks/kriging.py DATASET.npz [--settings] [--seconds]
"""

import argparse
import json
import time
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from complement import before_the_test

from kgrec_gds.data.baseline_estimates import Queries
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.rating_log import Asked
from kgrec_gds.features.gaussian_process.batching import Kriging
from kgrec_gds.features.gaussian_process.kernel import KrigingSettings
from kgrec_gds.features.table import FeatureIndex, FeatureSettings, causal_features

_RATINGS = 100_000
_ROUNDS = 9


def errors(kriging: Kriging) -> dict[str, float]:
    """Mean squared error by column."""
    log, seen = kriging.covariance.log, kriging.covariance.seen
    columns = kriging.columns(Asked.of(log, Queries.of(log.dataset.ratings)), seen)
    return {name: round(float(np.mean((log.residual - said) ** 2)), 4) for name, said in columns.items()}


def other_settings() -> dict[str, KrigingSettings]:
    """Each setting halved and doubled."""
    now, found = KrigingSettings(), {}
    for field in fields(now):
        for factor in (0.5, 2):
            value: Any = getattr(now, field.name)
            changed = (
                tuple(part * factor for part in value)
                if isinstance(value, tuple)
                else type(value)(value * factor)
            )
            found[f"{field.name} {changed}"] = replace(now, **{field.name: changed})
    return found


def seconds(dataset: Dataset) -> dict[str, Any]:
    """How long all features of the first ratings take: the rounds' least, median and most."""
    first = replace(dataset, ratings=dataset.ratings.take(np.arange(len(dataset.ratings)) < _RATINGS))
    causal_features(first)
    spent = []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        causal_features(first)
        spent.append(time.perf_counter() - start)
    quantiles = np.quantile(spent, (0, 0.5, 1)).round(2).tolist()
    return {"ratings": len(first.ratings), "rounds": _ROUNDS, "seconds": quantiles}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--protocol", choices=("global", "per-user"), default="global")
    parser.add_argument("--settings", action="store_true", help="Also with each setting halved and doubled.")
    parser.add_argument("--seconds", action="store_true", help="Also how long all features take.")
    args = parser.parse_args()
    whole = Dataset.load(args.dataset)
    dataset = before_the_test(whole, args.protocol)
    kriging = FeatureIndex(dataset, FeatureSettings()).kriging
    bias = round(float(np.mean(kriging.covariance.log.residual**2)), 4)
    found = {"ratings": len(dataset.ratings), "bias": bias, **errors(kriging)}
    print(json.dumps(found))
    for name, settings in other_settings().items() if args.settings else ():
        print(json.dumps({name: errors(Kriging(replace(kriging.covariance, settings=settings)))}))
    if args.seconds:
        print(json.dumps(seconds(whole)))


if __name__ == "__main__":
    main()
