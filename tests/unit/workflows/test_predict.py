"""Which ratings are predicted as test ratings, also when ratings were added since the training."""

from dataclasses import asdict, replace

import numpy as np
import pytest

from kgrec_gds.data.splits import split
from kgrec_gds.errors import InputError
from kgrec_gds.models.run_folder import RunFolder
from kgrec_gds.models.training import RunSettings
from kgrec_gds.serving.user_predictions import unfitted_events
from kgrec_gds.workflows.predict import _check, _read_users


def run_of(tmp_path, dataset, protocol):
    """A run folder as training leaves it, as far as it is read here."""
    parts, ratings = split(dataset.ratings, protocol), dataset.ratings
    fitted = np.union1d(parts.train, parts.validation)
    last = {
        str(dataset.user_ids[user]): int(ratings.rated_at[fitted][ratings.user_index[fitted] == user].max())
        for user in np.unique(ratings.user_index[fitted])
    }
    run = RunFolder(tmp_path)
    cutoffs = {"test": int(ratings.rated_at[parts.test[0]])} if protocol == "global" else {}
    run.write("metrics", {"cutoffs": cutoffs, "fitted_until": last if protocol == "per-user" else {}})
    run.write("settings", asdict(RunSettings(protocol=protocol)))
    return run, parts.test


def with_the_same_ratings_again(dataset, shift):
    """Everybody rates everything once more, later or earlier."""
    ratings = dataset.ratings
    columns = {name: np.tile(getattr(ratings, name), 2) for name in ("user_index", "movie_index", "rating")}
    rated_at = np.concatenate([ratings.rated_at, ratings.rated_at + shift])
    return replace(dataset, ratings=type(ratings)(**columns, rated_at=rated_at).in_order())


@pytest.mark.parametrize("protocol", ["global", "per-user"])
@pytest.mark.parametrize("new", ["later", "earlier"])
def test_test_ratings_stay_test_ratings_and_newer_ones_join_them(make_dataset, tmp_path, protocol, new):
    dataset = make_dataset()
    ratings = dataset.ratings
    run, test = run_of(tmp_path, dataset, protocol)
    np.testing.assert_array_equal(unfitted_events(dataset, run), test)
    shift = (ratings.rated_at.max() - ratings.rated_at.min() + 1) * (1 if new == "later" else -1)
    grown = with_the_same_ratings_again(dataset, shift)
    found = unfitted_events(grown, run)
    assert len(found) == len(test) + (len(ratings) if new == "later" else 0)
    assert set(ratings.rated_at[test]) <= set(grown.ratings.rated_at[found])


def test_the_random_split_is_drawn_again(dataset, tmp_path):
    run, test = run_of(tmp_path, dataset, "paper")
    np.testing.assert_array_equal(unfitted_events(dataset, run), test)


def test_users_are_read_from_a_file_each_once(tmp_path):
    path = tmp_path / "users.txt"
    path.write_text("7\n 3 \n\n7\n", encoding="utf-8-sig")
    assert _read_users(path) == ["7", "3"]
    path.write_text("\n", encoding="utf-8")
    with pytest.raises(InputError, match="holds no user"):
        _read_users(path)
    with pytest.raises(InputError, match="Cannot read users"):
        _read_users(tmp_path / "missing.txt")


def test_arguments_that_cannot_be_met_are_refused(tmp_path):
    with pytest.raises(InputError, match="Invalid engine 'flink'; expected 'local' or 'spark'"):
        _check("flink", None, keep=False)
    with pytest.raises(InputError, match="cannot be combined with keep"):
        _check("local", tmp_path, keep=True)
