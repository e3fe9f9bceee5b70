"""What the running means of their own errors are worth to the trees and to the network, on a test inside the training years.

The ratings before the test are split once more by the same protocol, so no choice made with this has seen a test
rating. It prints each model's error, and by how much it changes for each setting, with 95 % intervals (users resampled)
of what is shipped and of the part that is due to errors with movies. Run it with the path of a data set saved by `Dataset.save`:

    .venv/bin/python benchmarks/own_errors.py DATASET.npz [--protocol global] [--seed 0] [--dates]
"""

import itertools
from typing import Any

import numpy as np
from complement import run

from kgrec_gds.data.baseline_estimates import Queries
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.splits import Split, split
from kgrec_gds.evaluation.adapters import QueriedNetwork
from kgrec_gds.evaluation.intervals import paired_differences
from kgrec_gds.models.inputs import read_inputs
from kgrec_gds.models.own_errors import OwnErrors, OwnErrorSettings, fitted_until
from kgrec_gds.models.trees import SHIPPED, Trees
from kgrec_gds.schema import MAX_RATING, MIN_RATING

KEPT = (1.0, 0.995, 0.99, 0.98, 0.95)
SHRINKAGES = (25.0, 50.0, 75.0, 100.0, 150.0)
MOVIE_SHRINKAGES = (75.0, 100.0, 150.0, 200.0, 300.0, 500.0)


def measure(dataset: Dataset, protocol: Any, seed: int) -> dict[str, Any]:
    """By model, what `changes` says."""
    parts = split(dataset.ratings, protocol)
    models = (Trees(graph=True, settings=SHIPPED), QueriedNetwork())
    return {model.name: changes(model.fit(dataset, parts, seed), dataset, parts) for model in models}


def changes(model: Trees | QueriedNetwork, dataset: Dataset, parts: Split) -> dict[str, Any]:
    """Mean squared error of a fitted model, and its change by setting."""
    test, index = dataset.ratings.take(parts.test), read_inputs(dataset).index
    said = model.of_events(index)[parts.test]
    plain = (said - test.rating.astype(np.float64)) ** 2

    until = fitted_until(dataset, np.union1d(parts.train, parts.validation))

    def error(settings: OwnErrorSettings, *, movies: bool) -> Any:
        own = OwnErrors(model, index, settings, until if movies else None)
        moved = np.clip(said + own.before(Queries.of(test)), MIN_RATING, MAX_RATING)
        return (moved - test.rating.astype(np.float64)) ** 2

    users, shipped = (error(OwnErrorSettings(), movies=movies) for movies in (False, True))
    both, of_movies = paired_differences(
        np.stack([shipped - plain, shipped - users], axis=1), test.user_index
    )
    change = {
        f"keep {keep}, shrinkage {shrinkage:g}": error(OwnErrorSettings(keep, shrinkage), movies=False)
        - plain
        for keep, shrinkage in itertools.product(KEPT, SHRINKAGES)
    } | {
        f"movie shrinkage {shrinkage:g}": error(OwnErrorSettings(movie_shrinkage=shrinkage), movies=True)
        - plain
        for shrinkage in MOVIE_SHRINKAGES
    }
    return {
        "without": round(float(plain.mean()), 4),
        "shipped": [round(value, 4) for value in (both.difference, both.low, both.high)],
        "of_movies": [round(value, 4) for value in (of_movies.difference, of_movies.low, of_movies.high)],
        "change": {name: round(float(each.mean()), 4) for name, each in change.items()},
    }


if __name__ == "__main__":
    run(measure, __doc__)
