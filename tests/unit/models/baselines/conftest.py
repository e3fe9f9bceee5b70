"""Every baseline, fitted once on the small data set."""

import pytest

from kgrec_gds.data.query import Queries
from kgrec_gds.data.splits import split
from kgrec_gds.models.registry import build

FROZEN = ("global_mean", "baseline_static", "svd", "svd_tuned", "ncf")
ONLINE = ("baseline_causal", "svd_folded", "feed_forward", "lstm")
NEURAL = ("ncf", "feed_forward", "lstm")
PUBLISHED = ("paper_lstm", "paper_feed_forward", "paper_trees")


def unfitted(name):
    return build(name, epochs=6) if name in (*NEURAL, "paper_lstm", "paper_feed_forward") else build(name)


@pytest.fixture(scope="package")
def parts(dataset):
    return split(dataset.ratings, "global")


@pytest.fixture(scope="package")
def test_queries(dataset, parts):
    return Queries.of(dataset.ratings.take(parts.test))


@pytest.fixture(scope="package")
def progress():
    """Calls of the callback by model, filled by `fitted`."""
    return {}


@pytest.fixture(scope="package")
def fitted(dataset, parts, progress):
    """Baselines by name, fitted when first used."""
    models = {}

    def get(name):
        if name not in models:
            calls = progress.setdefault(name, [])
            model = unfitted(name)
            models[name] = model.fit(dataset, parts, 0, callback=lambda *call: calls.append(call))
        return models[name]

    return get
