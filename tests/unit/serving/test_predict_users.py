"""Which ratings a model's test events are, also when the log has grown since."""

from dataclasses import replace

import numpy as np
import pytest

from kgrec_gds.data.splits import split
from kgrec_gds.models.default import DefaultPredictor
from kgrec_gds.models.own_errors import fitted_until
from kgrec_gds.models.run_folder import RunFolder
from kgrec_gds.models.training import RunSettings
from kgrec_gds.workflows.predict import _test_events


@pytest.fixture
def run(tmp_path):
    folder = RunFolder(tmp_path)
    folder.write("metrics", {"cutoffs": {}})
    return folder


@pytest.mark.parametrize("new", ["later", "earlier"])
def test_of_each_user_s_own_time_they_stay_the_same_when_others_come(make_dataset, run, new):
    dataset = make_dataset()
    ratings, parts = dataset.ratings, split(dataset.ratings, "per-user")
    model = DefaultPredictor()
    model.until = fitted_until(dataset, np.union1d(parts.train, parts.validation))
    settings = RunSettings(protocol="per-user")
    np.testing.assert_array_equal(_test_events(dataset, settings, run, model), parts.test)
    shift = (ratings.rated_at.max() - ratings.rated_at.min() + 1) * (1 if new == "later" else -1)
    names = ("user_index", "movie_index", "rating")
    both = {name: np.tile(getattr(ratings, name), 2) for name in names}
    twice = replace(ratings, **both, rated_at=np.concatenate([ratings.rated_at, ratings.rated_at + shift]))
    ordered = replace(dataset, ratings=twice.in_order())
    found = _test_events(ordered, settings, run, model)
    assert len(found) == len(parts.test) + (len(ratings) if new == "later" else 0)
    assert set(ratings.rated_at[parts.test]) <= set(ordered.ratings.rated_at[found])
