"""A user's ratings together: what is alike counts, what repeats itself counts less; the matrices by definition."""

from dataclasses import replace

import numpy as np
import pytest

from kgrec_gds.data.baseline_estimates import Queries
from kgrec_gds.data.dataset import Dataset, Ratings
from kgrec_gds.data.rating_log import Asked
from kgrec_gds.features.gaussian_process import kriged_log
from kgrec_gds.features.gaussian_process.batching import KRIGED, most_knowing
from kgrec_gds.features.gaussian_process.kernel import KrigingSettings
from kgrec_gds.features.table import FeatureIndex, FeatureSettings


def test_the_most_knowing_column_is_the_last_that_is_there() -> None:
    assert most_knowing(("bias", *KRIGED)) == "graph_near_kriged"
    assert most_knowing(("graph_like_kriged", "user_kriged")) == "graph_like_kriged"
    assert most_knowing(("bias",)) is None


@pytest.fixture
def of_two_kinds(make_dataset) -> Dataset:
    """Two kinds of movies by graph vector; user 1 has rated those of the first kind high, a day apart each."""
    data = make_dataset(0, events=0, users=2, movies=20)
    vectors = data.vectors.movies.copy()
    vectors[1:] = np.where(np.arange(1, 21)[:, None] <= 10, 1.0, -1.0) * np.eye(vectors.shape[1])[0]
    facts = {name: relation for name, relation in data.movies.facts.items() if name != "genres"}
    return replace(
        data,
        movies=replace(data.movies, facts=facts, year=np.full(21, 2000, np.float32)),
        vectors=replace(data.vectors, movies=vectors.astype(np.float32)),
    )


def kriged(data: Dataset, rated: list[int], asked: list[int]) -> np.ndarray:
    number = len(rated)
    ratings = Ratings(
        np.ones(number, np.int32), np.array(rated, np.int32), np.full(number, 9, np.float32),
        1_000_000_000 + 86_400 * np.arange(number),
    )  # fmt: skip
    # The other user's ratings, before, make the mean: 5.
    others = Ratings(
        np.full(10, 2, np.int32), np.arange(1, 11, dtype=np.int32), np.tile([3, 7], 5).astype(np.float32),
        900_000_000 + np.arange(10),
    )  # fmt: skip
    both = Ratings(*(
        np.concatenate([getattr(others, name), getattr(ratings, name)])
        for name in ("user_index", "movie_index", "rating", "rated_at")
    ))  # fmt: skip
    index = FeatureIndex(replace(data, ratings=both), FeatureSettings())
    ask = Queries(
        np.ones(len(asked), np.int32), np.array(asked, np.int32), np.full(len(asked), 1_100_000_000)
    )
    return index.table(ask).column("graph_near_kriged")


def test_movies_like_those_that_were_liked_are_expected_to_be_liked(of_two_kinds: Dataset) -> None:
    alike, unlike = kriged(of_two_kinds, [1, 2, 3], [8, 18])
    assert alike > 2 * unlike
    assert unlike > 0  # what the latest ratings share, of whatever kind


@pytest.mark.parametrize("most", [2, 128])
def test_the_log_s_own_events_are_answered_as_questions_are(make_dataset, monkeypatch, most: int) -> None:
    monkeypatch.setattr(kriged_log, "_MOST", most)
    data = make_dataset(0, events=300, users=4, movies=20)
    days = data.ratings.rated_at // 86_400 * 86_400  # many share a moment
    data = replace(data, ratings=replace(data.ratings, rated_at=days))
    settings = FeatureSettings(kriging=KrigingSettings(piece=8, reach=8))
    index = FeatureIndex(data, settings)
    asked = Asked.of(index.log, Queries.of(data.ratings))
    assert asked.events
    assert len(np.unique(np.stack([data.ratings.user_index, days]), axis=1).T) < 250
    of_log = index.kriging.columns(asked, index.kriging.covariance.seen)
    as_questions = index.kriging.columns(replace(asked, events=False), index.kriging.covariance.seen)
    for name, values in of_log.items():
        np.testing.assert_allclose(values, as_questions[name], atol=1e-9)
        assert np.abs(values).max() > 0.01


def test_without_a_history_nothing_is_expected(of_two_kinds: Dataset) -> None:
    assert not kriged(of_two_kinds, [], [1, 11]).any()
