"""What a network that starts from an earlier run's weights is worth beside one trained anew.

The earlier run knows the first part of the ratings only, and so no rating of the test. Each line is the test error of the
network alone (`global`, seed 0) and the seconds of its training. Run it with the path of a data set saved by `Dataset.save`:

    .venv/bin/python benchmarks/continued.py DATASET.npz [--share 0.9] [--epochs 2 --epochs 6]
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.splits import split
from kgrec_gds.evaluation.metrics import mse
from kgrec_gds.models.attention_lstm.hyperparameters import Settings
from kgrec_gds.models.attention_lstm.model import AttentionLstm, FittedNetwork
from kgrec_gds.models.training import CONTINUED_EPOCHS


def measured(
    name: str, dataset: Dataset, whole: Dataset, settings: Settings, warm: FittedNetwork | None = None
) -> AttentionLstm:
    """Fit on a data set, print the error on the test of the whole one."""
    started = time.perf_counter()
    model = AttentionLstm(settings).fit(dataset, split(dataset.ratings, "global"), 0, warm=warm)
    seconds = round(time.perf_counter() - started)
    test = split(whole.ratings, "global").test
    error = mse(whole.ratings.rating[test], model.predict(whole, test))
    print(json.dumps({"network": name, "seconds": seconds, "mse": round(float(error), 4)}), flush=True)
    return model


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--share", type=float, default=0.9, help="Of the ratings that the earlier run knows.")
    parser.add_argument("--epochs", type=int, action="append", help="From its weights; may be repeated.")
    args = parser.parse_args()
    whole = Dataset.load(args.dataset)
    some = replace(whole, ratings=whole.ratings.take(np.arange(int(len(whole.ratings) * args.share))))
    before = measured("the earlier run's", some, whole, Settings())
    for epochs in args.epochs or [CONTINUED_EPOCHS]:
        measured(f"from its weights, {epochs} epochs", whole, whole, Settings(epochs=epochs), before.fitted)
    measured("trained anew", whole, whole, Settings())


if __name__ == "__main__":
    main()
