from dataclasses import replace

import numpy as np
import pytest

from kgrec_gds.data.baseline_estimates import Queries
from kgrec_gds.data.splits import split
from kgrec_gds.explanations.contributions import (
    contributions,
    score,
    without_events,
    without_graph,
    without_user,
)
from kgrec_gds.serving.score import predict_pairs


@pytest.fixture(scope="module")
def queries(dataset):
    """Test events, a newcomer, and a movie at the end of the log."""
    ratings, events = dataset.ratings, split(dataset.ratings, "global").test[:40]
    end = int(ratings.rated_at[-1]) + 1
    return Queries(
        np.append(ratings.user_index[events], [0, 1]).astype(np.int32),
        np.append(ratings.movie_index[events], [3, 4]).astype(np.int32),
        np.append(ratings.rated_at[events], [end, end]),
    )


@pytest.fixture(scope="module")
def scores(trained, dataset, queries):
    return score(trained, dataset, queries)


def test_scores_are_the_predictions_that_are_written(trained, dataset, queries, scores):
    known = queries.user_index > 0
    written = predict_pairs(
        trained,
        dataset,
        dataset.user_ids[queries.user_index[known]],
        dataset.movies.tconst[queries.movie_index[known]],
        queries.at[known],
    )
    np.testing.assert_allclose(scores.rating[known], written.rating, atol=1e-4)
    seen = [scores.attention[place] for place in np.flatnonzero(known)]
    assert [movies for movies, _ in seen] == written.attention_movies
    for (_, weights), expected in zip(seen, written.attention_weights, strict=True):
        np.testing.assert_allclose(weights, expected, atol=1e-4)


def one(queries, place):
    return queries.take(np.array([place]))


def test_a_newcomer_owes_nothing_to_history(trained, dataset, queries):
    newcomer = one(queries, -2)
    assert contributions(trained, dataset, newcomer).history == pytest.approx(0, abs=1e-5)


def test_history_and_graph_are_worth_something_to_others(trained, dataset, queries, scores):
    places = np.argsort([-len(movies) for movies, _ in scores.attention])[:3]
    parts = [contributions(trained, dataset, one(queries, place)) for place in places]
    assert max(abs(part.history) for part in parts) > 1e-2
    assert abs(parts[0].graph) > 1e-3
    assert [part.averages for part in parts] == pytest.approx(scores.bias[places].tolist(), abs=1e-5)


def test_a_model_of_averages_alone_owes_nothing_else(trained, dataset, queries, monkeypatch):
    monkeypatch.setattr(trained, "mix", lambda start, *_: start)
    monkeypatch.setattr(trained, "off", lambda _, queries: np.zeros(len(queries), np.float32))
    parts = contributions(trained, dataset, one(queries, -1))
    assert parts.history == parts.graph == 0


def test_only_what_is_left_out_is_gone(dataset):
    user = int(dataset.ratings.user_index[-1])
    fewer = without_user(dataset, user)
    assert len(dataset.ratings) - len(fewer.ratings) == (dataset.ratings.user_index == user).sum() > 0
    assert user not in fewer.ratings.user_index
    assert len(without_events(dataset, np.array([0, 5])).ratings) == len(dataset.ratings) - 2
    bare = without_graph(dataset)
    assert all(len(facts.of(movie)) == 0 for facts in bare.movies.facts.values() for movie in (0, 1, 2))
    assert bare.vectors is not None
    assert not bare.vectors.movies.any()
    assert dataset.vectors.movies.any()


def test_a_data_set_without_vectors_can_be_bared_too(dataset):
    assert without_graph(replace(dataset, vectors=None)).vectors is None
