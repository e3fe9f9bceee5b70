"""Where boosting should start: from the causal bias, from the kriged column, or from both with their mean.

The weighted error on the validation events, and with `--nested` that on a test inside the training years: the ratings
before the test are split once more. No test rating is looked at. Run it with the path of a data set saved by
`Dataset.save`:

    .venv/bin/python benchmarks/trees.py DATASET.npz [--protocol per-user] [--seed 1] [--nested]
"""

import argparse
import json
from pathlib import Path

from complement import before_the_test
from sklearn.metrics import mean_squared_error

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.splits import split
from kgrec_gds.evaluation.metrics import mse
from kgrec_gds.models.trees import SHIPPED, Trees


class Started(Trees):
    """From the kriged column alone."""

    def _starts(self) -> tuple[str | None, ...]:
        return super()._starts()[-1:]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--protocol", choices=("global", "per-user"), default="global")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--nested", action="store_true")
    arguments = parser.parse_args()
    dataset = Dataset.load(arguments.dataset)
    if arguments.nested:
        dataset = before_the_test(dataset, arguments.protocol)
    parts = split(dataset.ratings, arguments.protocol)
    kinds = {
        "bias": Trees(graph=True),
        "kriged": Started(graph=True, settings=SHIPPED),
        "both": Trees(graph=True, settings=SHIPPED),
    }
    found: dict[str, float] = {}
    for name, trees in kinds.items():
        trees.fit(dataset, parts, arguments.seed)
        if arguments.nested:
            error = mse(dataset.ratings.rating[parts.test], trees.predict(dataset, parts.test))
        else:
            held = trees.held_out
            assert held
            error = mean_squared_error(held.actual, held.predicted, sample_weight=held.weight)
        found[name] = round(float(error), 4)
    print(json.dumps({"nested" if arguments.nested else "validation": found}))


if __name__ == "__main__":
    main()
