"""What the running mean of the trees' own errors is worth to them, on a test inside the training years.

The ratings before the test are split once more by the same protocol, so no choice made with this has seen a test
rating. It prints the trees' error, and by how much it changes for each setting, with the 95 % interval (users
resampled) of what is shipped. Run it with the path of a data set saved by `Dataset.save`:

    .venv/bin/python benchmarks/own_errors.py DATASET.npz [--protocol global] [--seed 0]
"""

import itertools
from typing import Any

import numpy as np
from complement import run

from kgrec_gds.evaluate.bootstrap import paired_differences
from kgrec_gds.schema import MAX_RATING, MIN_RATING
from kgrec_gds.train.inputs import read_inputs
from kgrec_gds.train.own_errors import OwnErrors, OwnErrorSettings
from kgrec_gds.train.trees import SHIPPED, Trees
from kgrec_gds.windows.biases import Queries
from kgrec_gds.windows.dataset import Dataset
from kgrec_gds.windows.splits import split

KEPT = (1.0, 0.995, 0.99, 0.98, 0.95)
SHRINKAGES = (25.0, 50.0, 75.0, 100.0, 150.0)


def measure(dataset: Dataset, protocol: Any, seed: int) -> dict[str, Any]:
    """Mean squared error of the trees, and its change by setting."""
    parts = split(dataset.ratings, protocol)
    trees = Trees(graph=True, settings=SHIPPED).fit(dataset, parts, seed)
    test = dataset.ratings.take(parts.test)
    index, said = read_inputs(dataset).index, trees.predict(dataset, parts.test)
    plain = (said - test.rating.astype(np.float64)) ** 2

    def error(settings: OwnErrorSettings) -> Any:
        off = OwnErrors(trees, index, settings).before(Queries.of(test))
        return (np.clip(said + off, MIN_RATING, MAX_RATING) - test.rating.astype(np.float64)) ** 2

    (shipped,) = paired_differences((error(OwnErrorSettings()) - plain)[:, None], test.user_index)
    return {
        "trees": round(float(plain.mean()), 4),
        "shipped": [round(value, 4) for value in (shipped.difference, shipped.low, shipped.high)],
        "change": {
            f"keep {keep}, shrinkage {shrinkage:g}": round(
                float((error(OwnErrorSettings(keep, shrinkage)) - plain).mean()), 4
            )
            for keep, shrinkage in itertools.product(KEPT, SHRINKAGES)
        },
    }


if __name__ == "__main__":
    run(measure, __doc__)
