"""A small world of ratings for the evaluate room: planted tastes, ties, users and movies that come late."""

import numpy as np
import pytest

from kgrec_gds.data.dataset import Dataset, Facts, Movies, Ratings

USERS, MOVIES, EVENTS = 24, 40, 900


def facts_of(generator, entities, most, prefix):
    counts = generator.integers(1, most + 1, MOVIES + 1)
    counts[0] = 0
    indices = np.concatenate([generator.choice(entities, n, replace=False) + 1 for n in counts if n])
    keys = np.array(["", *[f"{prefix}{number}" for number in range(entities)]], object)
    return Facts(keys, np.r_[0, np.cumsum(counts)].astype(np.int64), indices.astype(np.int32))


@pytest.fixture(scope="session")
def small_dataset() -> Dataset:
    generator = np.random.default_rng(5)
    pairs = generator.permutation(USERS * MOVIES)[:EVENTS]
    user, movie = pairs // MOVIES + 1, pairs % MOVIES + 1
    # Later users come later; every third rating shares its user's moment with another.
    at = 1_000_000_000 + user * 200_000 + generator.integers(0, 300, EVENTS) * 3_000
    taste = generator.normal(0, 1.5, USERS + 1)[user] + generator.normal(0, 1, MOVIES + 1)[movie]
    rating = np.clip(np.round(6.5 + taste + generator.normal(0, 1, EVENTS)), 1, 10)
    order = np.lexsort((movie, user, at))
    ratings = Ratings(
        user[order].astype(np.int32),
        movie[order].astype(np.int32),
        rating[order].astype(np.float32),
        at[order],
    )
    titles = np.array(["", *[f"Movie <{number}>" for number in range(1, MOVIES + 1)]], object)
    tconst = np.array(["", *[f"tt{number:07d}" for number in range(1, MOVIES + 1)]], object)
    year = generator.integers(1960, 2001, MOVIES + 1).astype(np.float32)
    facts = {
        "directors": facts_of(generator, 12, 1, "nd"),
        "actors": facts_of(generator, 30, 3, "na"),
        "writers": facts_of(generator, 12, 2, "nw"),
        "genres": facts_of(generator, 5, 2, "genre"),
    }
    nothing = np.full(MOVIES + 1, np.nan, np.float32)
    movies = Movies(tconst, titles, year, nothing, nothing, facts)
    users = np.array(["", *[str(number) for number in range(1, USERS + 1)]], object)
    return Dataset(users, movies, ratings)
