from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from kgrec_gds.data.baseline_estimates import Queries
from kgrec_gds.data.splits import split
from kgrec_gds.features.table import FeatureIndex, FeatureSettings
from kgrec_gds.models import own_errors
from kgrec_gds.models.default import DefaultPredictor, DefaultSettings
from kgrec_gds.models.inputs import read_inputs
from kgrec_gds.models.own_errors import OwnErrors, OwnErrorSettings, fitted_until
from kgrec_gds.models.run_folder import RunFolder
from kgrec_gds.schema import MAX_RATING, MIN_RATING

SETTINGS = OwnErrorSettings(keep=0.9, shrinkage=3.0, movie_shrinkage=2.0)


@pytest.fixture(scope="module")
def queries(dataset):
    """Every event, a user without any, and each user at the end of the log."""
    ratings, users = dataset.ratings, np.arange(len(dataset.user_ids), dtype=np.int32)
    return Queries(
        np.concatenate([ratings.user_index, users]),
        np.concatenate([ratings.movie_index, np.ones_like(users)]),
        np.concatenate([ratings.rated_at, np.full(len(users), ratings.rated_at[-1] + 1)]),
    )


@pytest.fixture(scope="module")
def known(dataset, trained, queries):
    """From the features of all events."""
    return OwnErrors(trained.trees, read_inputs(dataset).index, SETTINGS).before(queries)


@pytest.fixture(scope="module")
def events(dataset, trained):
    """By event, the trees' error, its share of its user's moment, and whether the trees were fitted to it."""
    ratings = dataset.ratings
    same = (ratings.user_index[:, None] == ratings.user_index) & (
        ratings.rated_at[:, None] == ratings.rated_at
    )
    assert same.sum() > len(ratings)
    last = np.array([trained.until.get(user, 0) for user in dataset.user_ids])[ratings.user_index]
    return SimpleNamespace(
        error=ratings.rating - trained.trees.predict(dataset, np.arange(len(ratings))),
        share=1 / same.sum(axis=1),
        fitted=ratings.rated_at <= last,
    )


def test_they_agree_with_the_definition(dataset, queries, known, events):
    ratings = dataset.ratings
    for number in range(len(queries)):
        earlier = (ratings.user_index == queries.user_index[number]) & (ratings.rated_at < queries.at[number])
        errors = events.error[earlier][::-1]  # of one moment in the order of the log
        kept = SETTINGS.keep ** np.arange(len(errors)) * events.share[earlier][::-1]
        assert known[number] == pytest.approx(kept @ errors / (kept.sum() + SETTINGS.shrinkage), abs=1e-5)
    assert np.abs(known).max() > 0.1
    assert known[len(ratings)] == 0  # the user without any


@pytest.fixture(scope="module")
def until(trained):
    """Up to where the trees were fitted."""
    assert trained.until
    return trained.until


@pytest.fixture(scope="module")
def with_movies(dataset, trained, queries, until):
    """From the features of all events."""
    return OwnErrors(trained.trees, read_inputs(dataset).index, SETTINGS, until).before(queries)


def test_with_movies_only_ratings_count_that_were_not_fitted(dataset, queries, known, with_movies, events):
    ratings = dataset.ratings
    for number in range(len(queries)):
        earlier = (ratings.movie_index == queries.movie_index[number]) & (
            ratings.rated_at < queries.at[number]
        )
        error, share = (values[earlier & ~events.fitted] for values in (events.error, events.share))
        of_movie = error @ share / (share.sum() + SETTINGS.movie_shrinkage)
        assert with_movies[number] - known[number] == pytest.approx(of_movie, abs=1e-5)
    assert np.abs(with_movies - known).max() > 0.1


def test_ratings_were_fitted_up_to_each_user_s_last(dataset, trained):
    ratings, parts = dataset.ratings, split(dataset.ratings, "global")
    rows = np.union1d(parts.train, parts.validation)
    until = fitted_until(dataset, rows)
    last = np.array([until.get(user, 0) for user in dataset.user_ids])[ratings.user_index]
    np.testing.assert_array_equal(np.flatnonzero(ratings.rated_at <= last), rows)


def test_one_movie_is_answered_without_the_features_of_all(dataset, trained, queries, with_movies, until):
    index = FeatureIndex(dataset, FeatureSettings())
    rows = np.flatnonzero(with_movies != 0)[-5:]
    for row in rows:
        found = OwnErrors(trained.trees, index, SETTINGS, until).before(queries.take(np.array([row])))
        np.testing.assert_allclose(found, with_movies[row], atol=1e-4)
    every = OwnErrors(trained.trees, index, SETTINGS, until).before(queries)
    np.testing.assert_allclose(every, with_movies, atol=1e-4)
    assert not index.knows_events


def test_a_few_users_are_answered_without_the_features_of_all(dataset, trained, queries, known):
    index = FeatureIndex(dataset, FeatureSettings())
    for user in (0, 3, 7):
        rows = np.flatnonzero(queries.user_index == user)
        one = queries.take(rows)
        found = OwnErrors(trained.trees, index, SETTINGS).before(one)
        np.testing.assert_allclose(found, known[rows], atol=1e-4)
    assert not index.knows_events


def test_a_log_that_goes_on_is_worked_out_from_there_on(dataset, trained, queries, until, monkeypatch):
    def all_of(data, before=None):
        own = OwnErrors(trained.trees, FeatureIndex(data, FeatureSettings()), SETTINGS, until, before=before)
        return own, own.before(queries)

    ratings, rows = dataset.ratings, np.arange(len(dataset.ratings))
    shorter = replace(dataset, ratings=ratings.take(rows[:-20]))
    other = replace(ratings, rating=np.where(rows == len(rows) - 25, 11 - ratings.rating, ratings.rating))
    asked: list[int] = []
    of_events = FeatureIndex.of_events

    def counted(index, rows):
        asked.append(len(rows))
        return of_events(index, rows)

    monkeypatch.setattr(FeatureIndex, "of_events", counted)
    monkeypatch.setattr(own_errors, "_MANY", 0)
    first, _ = all_of(shorter)
    for data, most in ((dataset, 20), (replace(dataset, ratings=other), 25)):
        anew = all_of(data)[1]
        assert asked[-1] > most
        np.testing.assert_allclose(all_of(data, first)[1], anew, atol=1e-5)
        assert asked[-1] == most  # of movies; those of users come first


def test_later_ratings_change_nothing(dataset, trained, with_movies, until):
    ratings = dataset.ratings
    event = len(ratings) // 2
    later = ratings.rated_at >= ratings.rated_at[event]
    turned = np.where(later, MAX_RATING + MIN_RATING - ratings.rating, ratings.rating).astype(np.float32)
    changed = replace(dataset, ratings=replace(ratings, rating=turned))
    index = FeatureIndex(changed, FeatureSettings())
    found = OwnErrors(trained.trees, index, SETTINGS, until).before(Queries.of(changed.ratings))
    np.testing.assert_array_equal(found[: event + 1], with_movies[: event + 1])
    assert (found != with_movies[: len(ratings)])[event + 1 :].any()


def test_the_default_starts_from_them(dataset, trained):
    inputs, events = read_inputs(dataset), np.arange(len(dataset.ratings))
    plain = DefaultPredictor(DefaultSettings(trained.settings.network, own_errors=None))
    plain.network, plain.trees, plain.network_weight = trained.network, trained.trees, trained.network_weight
    own = OwnErrors(trained.trees, inputs.index, OwnErrorSettings(), trained.until)
    off = own.before(Queries.of(dataset.ratings))
    moved = np.clip(plain.predict(dataset, events) + off, MIN_RATING, MAX_RATING)
    found = trained.predict(dataset, events)
    inside = (found > MIN_RATING + 0.5) & (found < MAX_RATING - 0.5)
    np.testing.assert_allclose(found[inside], moved[inside], atol=1e-4)
    assert np.abs(off).max() > 0.01


@pytest.mark.parametrize("kept", [True, False])
def test_a_run_keeps_how_and_one_of_before_has_none(dataset, trained, tmp_path, monkeypatch, kept):
    monkeypatch.setenv("KGREC_HOME", str(tmp_path))
    run = RunFolder.create("default")
    trained.save(run)
    if not kept:
        run.write("default", {"network_weight": trained.network_weight})
        (run.path / "fitted_until.json").unlink()
    again = DefaultPredictor.load(run)
    assert (again.settings.own_errors == trained.settings.own_errors) is kept
    assert (again.until == trained.until) is kept
    assert (again.off(read_inputs(dataset).index, Queries.of(dataset.ratings)) != 0).any() == kept


def test_a_user_without_fitted_ratings_may_have_rated_before_1970(dataset, trained):
    older = replace(dataset.ratings, rated_at=dataset.ratings.rated_at - 2_000_000_000)
    assert older.rated_at.max() < 0
    data = replace(dataset, ratings=older)
    assert fitted_until(data, np.arange(1)) != {}
    errors = OwnErrors(trained.trees, read_inputs(data).index, SETTINGS, {})
    assert len(errors._not_fitted) == len(older)
