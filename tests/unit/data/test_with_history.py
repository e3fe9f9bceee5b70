"""One user's ratings as they are now, in a data set that was pulled before."""

import numpy as np

from kgrec_gds.data.pull import with_history


def history_of(dataset, user):
    ratings = dataset.ratings
    rows = np.flatnonzero(dataset.user_ids[ratings.user_index] == user)
    return {
        "user_id": user,
        "tconst": list(dataset.movies.tconst[ratings.movie_index[rows]]),
        "rating": ratings.rating[rows].tolist(),
        "rated_at": ratings.rated_at[rows].tolist(),
    }


def test_nothing_changes_without_a_new_rating(dataset):
    backwards = {
        name: value if name == "user_id" else value[::-1] for name, value in history_of(dataset, "12").items()
    }
    assert with_history(dataset, backwards) is dataset


def test_new_changed_and_removed_ratings_are_taken_over(dataset):
    history = history_of(dataset, "12")
    unrated = next(tconst for tconst in dataset.movies.tconst[1:] if tconst not in history["tconst"])
    for name, value in (("tconst", unrated), ("rating", 3.0), ("rated_at", dataset.now)):
        history[name] = [*history[name][1:], value]
    history["rating"][0] = 1.0
    changed = with_history(dataset, history)
    assert history_of(changed, "12") == history
    assert len(changed.ratings) == len(dataset.ratings)
    assert (np.diff(changed.ratings.rated_at) >= 0).all()
    assert history_of(changed, "11") == history_of(dataset, "11")


def test_a_new_user_comes_last(dataset):
    rated = {"user_id": "new", "tconst": ["tt0000001"], "rating": [8.0], "rated_at": [dataset.now]}
    changed = with_history(dataset, rated)
    assert list(changed.user_ids) == [*dataset.user_ids, "new"]
    assert history_of(changed, "new") == rated
    silent = with_history(dataset, {"user_id": "silent", "tconst": [], "rating": [], "rated_at": []})
    assert list(silent.user_ids) == [*dataset.user_ids, "silent"]
    assert len(silent.ratings) == len(dataset.ratings)


def test_a_movie_that_was_not_pulled_makes_it_impossible(dataset):
    for tconst in ("tt9999999", "aa"):
        rated = {"user_id": "12", "tconst": [tconst], "rating": [8.0], "rated_at": [dataset.now]}
        assert with_history(dataset, rated) is None
