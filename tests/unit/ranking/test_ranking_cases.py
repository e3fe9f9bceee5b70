import numpy as np

from kgrec_gds.data.splits import split
from kgrec_gds.ranking.cases import day_cases, histories, midpoint_cases

DAY = 86_400


def test_midpoint_cases_divide_a_user_s_test_ratings_in_the_middle(dataset):
    parts, ratings = split(dataset.ratings, "global"), dataset.ratings
    cases = midpoint_cases(dataset, parts.test)
    assert cases.user_index.tolist() == np.unique(ratings.user_index[parts.test]).tolist()
    for row, (user, at) in enumerate(zip(cases.user_index, cases.at, strict=True)):
        own = parts.test[ratings.user_index[parts.test] == user]
        assert at == ratings.rated_at[own[len(own) // 2]]
        later = own[ratings.rated_at[own] >= at]
        assert set(cases.rated[row].indices) == set(ratings.movie_index[later])


def test_day_cases_are_of_users_with_history_and_hold_what_they_rated_that_day(dataset):
    parts, ratings = split(dataset.ratings, "global"), dataset.ratings
    cases = day_cases(dataset, parts.test, 0)
    assert len(cases)
    assert (cases.at % DAY == 0).all()
    assert np.bincount(cases.user_index).max() <= 5
    test = ratings.take(parts.test)
    for row, (user, at) in enumerate(zip(cases.user_index, cases.at, strict=True)):
        assert (ratings.rated_at[ratings.user_index == user] < at).any()
        that_day = (test.user_index == user) & (test.rated_at >= at) & (test.rated_at < at + DAY)
        assert set(cases.rated[row].indices) == set(test.movie_index[that_day])


def test_histories_end_strictly_before_the_time(dataset):
    ratings = dataset.ratings
    at = ratings.rated_at[::37]
    users = ratings.user_index[::37]
    found = histories(dataset, users, at)
    for row, (user, time) in enumerate(zip(users, at, strict=True)):
        own = (ratings.user_index == user) & (ratings.rated_at < time)
        assert set(found[row].indices) == set(ratings.movie_index[own])
