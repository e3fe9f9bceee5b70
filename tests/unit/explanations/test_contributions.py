from dataclasses import replace

import numpy as np
import pytest

from kgrec_gds.data.query import Queries
from kgrec_gds.data.splits import split
from kgrec_gds.explanations.contributions import (
    attended_events,
    contributions,
    without_graph,
    without_ratings,
)


@pytest.fixture(scope="module")
def queries(dataset):
    """Test ratings, and at the end a user without history."""
    events = Queries.of(dataset.ratings).take(split(dataset.ratings, "global").test[:40])
    newcomer = Queries.at_time(np.zeros(1, np.int32), np.full(1, 3, np.int32), dataset.now)
    return Queries(
        *(np.append(a, b) for a, b in zip(vars(events).values(), vars(newcomer).values(), strict=True))
    )


def contributions_of(model, dataset, query):
    rating, attention = model.predict_with_attention(dataset, query)
    return contributions(model, dataset, query, float(rating[0]), attention)


def test_a_user_without_history_owes_nothing_to_history_or_attention(dataset, similarity_model, queries):
    parts = contributions_of(similarity_model, dataset, queries.take(slice(-1, None)))
    assert parts.history == pytest.approx(0, abs=1e-5)
    assert parts.attended == pytest.approx(0, abs=1e-5)


def test_each_part_is_the_difference_that_leaving_it_out_makes(dataset, similarity_model, queries):
    predict = similarity_model.predict
    ratings, largest = dataset.ratings, []
    for place in range(0, 40, 8):
        query = queries.take(slice(place, place + 1))
        parts = contributions_of(similarity_model, dataset, query)
        rating = predict(dataset, query)[0]
        mine = ratings.user_index == query.user_index[0]
        newcomer = replace(dataset, ratings=ratings.take(~mine))
        before, after = (similarity_model.baseline(data, query)[0] for data in (dataset, newcomer))
        assert parts.averages == pytest.approx(before, abs=1e-5)
        assert parts.history == pytest.approx(rating - before - predict(newcomer, query)[0] + after, abs=1e-5)
        assert parts.graph == pytest.approx(rating - predict(without_graph(dataset), query)[0], abs=1e-5)
        attention = similarity_model.predict_with_attention(dataset, query)[1]
        most = attention.movie_index[0][np.argsort(-attention.weights[0], kind="stable")[:3]]
        others = replace(dataset, ratings=ratings.take(~(mine & np.isin(ratings.movie_index, most))))
        assert parts.attended == pytest.approx(rating - predict(others, query)[0], abs=1e-5)
        largest.append([abs(parts.history), abs(parts.attended), abs(parts.graph)])
    assert (np.max(largest, axis=0) > 1e-2).all()


def test_a_model_without_attention_has_no_contribution_of_attended_movies(dataset, similarity_model, queries):
    assert contributions(similarity_model, dataset, queries.take(slice(1)), 7.0, None).attended is None


def test_attended_ratings_come_by_weight(dataset, similarity_model, queries):
    query = queries.take(slice(39, 40))
    _, attention = similarity_model.predict_with_attention(dataset, query)
    events = attended_events(dataset, query, attention)
    assert set(dataset.ratings.user_index[events]) == {query.user_index[0]}
    weight = dict(zip(attention.movie_index[0], attention.weights[0], strict=True))
    ordered = [weight[movie] for movie in dataset.ratings.movie_index[events]]
    assert ordered == sorted(ordered, reverse=True)
    assert sum(ordered) == pytest.approx(1, abs=1e-4)


def test_only_what_is_left_out_is_gone(dataset):
    assert len(without_ratings(dataset, np.array([0, 5])).ratings) == len(dataset.ratings) - 2
    bare = without_graph(dataset)
    assert all(
        len(relation.of(movie)) == 0 for relation in bare.movies.relations.values() for movie in (0, 1, 2)
    )
    assert bare.vectors is not None
    assert not bare.vectors.movies.any()
    assert dataset.vectors.movies.any()
    assert without_graph(replace(dataset, vectors=None)).vectors is None
