"""The hash changes with everything that decides a result, and only with that."""

from dataclasses import replace

import numpy as np
import pytest

from kgrec_gds.data.fingerprint import fingerprint
from kgrec_gds.data.splits import split


@pytest.fixture
def dataset(make_tiny_dataset):
    return make_tiny_dataset(0)


def mark(dataset, settings="1"):
    return fingerprint(dataset, split(dataset.ratings, "global"), settings)


def one_more(values):
    changed = values.copy()
    changed[1] = "tt9" if values.dtype == object else 1 if np.isnan(values[1]) else values[1] + 1
    return changed


@pytest.mark.parametrize("name", ["tconst", "year", "average_rating", "num_votes"])
def test_the_hash_changes_with_the_movies(dataset, name):
    movies = replace(dataset.movies, **{name: one_more(getattr(dataset.movies, name))})
    assert mark(replace(dataset, movies=movies)) != mark(dataset)


def test_the_hash_changes_with_ratings_relations_vectors_and_settings(dataset):
    ratings = replace(dataset.ratings, rating=one_more(dataset.ratings.rating))
    name, relation = next(iter(dataset.movies.relations.items()))
    others = dataset.movies.relations | {name: replace(relation, keys=one_more(relation.keys))}
    vectors = replace(dataset.vectors, movies=dataset.vectors.movies + 1)
    changed = [
        replace(dataset, ratings=ratings),
        replace(dataset, movies=replace(dataset.movies, relations=others)),
        replace(dataset, vectors=vectors),
        replace(dataset, vectors=None),
    ]
    assert len({mark(dataset), mark(dataset, "2"), *map(mark, changed)}) == 6


def test_titles_and_vectors_of_other_methods_change_nothing(dataset):
    movies = replace(dataset.movies, title=one_more(dataset.movies.title))
    assert mark(replace(dataset, movies=movies, others=(dataset.vectors,))) == mark(dataset)
