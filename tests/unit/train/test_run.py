from dataclasses import replace

import numpy as np
import pytest

from kgrec_gds.errors import InputError
from kgrec_gds.train.run import RunSettings, train_run
from kgrec_gds.train.run_folder import RunFolder


def test_ratings_of_one_moment_are_nothing_to_train_on(dataset, tmp_path):
    ratings = dataset.ratings
    tied = replace(dataset, ratings=replace(ratings, rated_at=np.zeros_like(ratings.rated_at)))
    with pytest.raises(InputError, match="should find ratings for train"):
        train_run(tied, RunSettings(), RunFolder(tmp_path))
    assert not list(tmp_path.iterdir())
