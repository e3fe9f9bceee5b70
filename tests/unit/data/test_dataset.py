"""A data set as a file, with the vectors of several methods, and with derived values."""

import pickle
import time
from dataclasses import replace

import numpy as np
import pytest

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.history_keys import history_keys


@pytest.fixture
def several(dataset):
    more = tuple(
        replace(dataset.vectors, method=name, movies=dataset.vectors.movies * 2)
        for name in ("transe", "distmult")
    )
    return replace(dataset, others=more)


def same(one: Dataset, other: Dataset) -> bool:
    pairs = [
        *zip(vars(one.ratings).values(), vars(other.ratings).values(), strict=True),
        (one.user_ids, other.user_ids),
        (one.movies.tconst, other.movies.tconst),
        *((a.movies, b.movies) for a, b in zip(one.others, other.others, strict=True)),
        *(
            (one.movies.relations[name].indices, relation.indices)
            for name, relation in other.movies.relations.items()
        ),
    ]
    return one.methods() == other.methods() and all(np.array_equal(a, b) for a, b in pairs)


def test_a_file_holds_the_whole_data_set(several, tmp_path):
    for written in (several, replace(several, vectors=None), replace(several, vectors=None, others=())):
        written.save(tmp_path / "set.npz")
        read = Dataset.load(tmp_path / "set.npz")
        assert same(read, written)
        assert (read.vectors is None) == (written.vectors is None)


def test_a_file_holds_names_where_they_were_pulled(several, tmp_path):
    actors = several.movies.relations["actors"]
    called = np.array([f"Actor {key}" for key in actors.keys], object)
    named = several.movies.relations | {"actors": replace(actors, names=called)}
    replace(several, movies=replace(several.movies, relations=named)).save(tmp_path / "set.npz")
    read = Dataset.load(tmp_path / "set.npz").movies.relations
    np.testing.assert_array_equal(read["actors"].names, called)
    assert read["genres"].names is None


def test_reading_another_method_swaps_the_two(several):
    swapped = several.reading("distmult")
    assert swapped.vectors.method == "distmult"
    assert set(swapped.methods()) == set(several.methods())
    assert same(swapped.reading(several.vectors.method).reading("distmult"), swapped)
    with pytest.raises(KeyError):
        several.reading("node2vec")


def test_derived_values_are_made_once_for_each_data_set(several):
    made = []

    def count(dataset: Dataset) -> int:
        made.append(dataset)
        return len(made)

    assert [several.derive(count), several.derive(count)] == [1, 1]
    assert replace(several, others=()).derive(count) == 2
    assert pickle.loads(pickle.dumps(several)).derive(len_of_ratings) == len(several.ratings)
    assert "derived" not in repr(several)


def len_of_ratings(dataset: Dataset) -> int:
    return len(dataset.ratings)


def test_now_is_the_second_after_the_latest_rating(several):
    assert several.now == several.ratings.rated_at.max() + 1
    nothing = several.ratings.take(np.zeros(0, int))
    assert replace(several, ratings=nothing).now == 0


@pytest.mark.parametrize(("ahead", "counts"), [(3_600, True), (2 * 86_400, False), (10**9, False)])
def test_now_is_after_the_latest_rating_that_is_not_dated_in_the_future(dataset, ahead, counts):
    ratings, future = dataset.ratings, int(time.time()) + ahead
    dated = np.concatenate([ratings.rated_at[:-1], [future]])
    moved = replace(dataset, ratings=replace(ratings, rated_at=dated))
    assert moved.now == (future if counts else int(ratings.rated_at[-2])) + 1


def test_now_of_ratings_that_are_all_in_the_future_is_after_the_last(dataset):
    ratings = replace(dataset.ratings, rated_at=dataset.ratings.rated_at + 10**10)
    assert replace(dataset, ratings=ratings).now == int(ratings.rated_at[-1]) + 1


def test_a_history_key_tells_of_every_change(dataset):
    keys, ratings = history_keys(dataset), dataset.ratings
    user = int(ratings.user_index[0])
    own = ratings.user_index == user
    whole = f"{own.sum()} {int(ratings.rating[own].sum() * 1000)} {ratings.rated_at[own].sum()}"
    assert keys[user] == whole
    assert keys[0] == "0 0 0"
    for changed in (
        replace(
            ratings, rating=np.where(np.arange(len(ratings)) == 0, 1.5, ratings.rating).astype(np.float32)
        ),
        ratings.take(np.arange(1, len(ratings))),
        replace(ratings, rated_at=np.concatenate([ratings.rated_at[:1] - 1, ratings.rated_at[1:]])),
    ):
        others = history_keys(replace(dataset, ratings=changed))
        assert np.flatnonzero(others != keys).tolist() == [user]
