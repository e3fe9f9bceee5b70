"""Read the graph into arrays: one query a table, with columns collected in the database."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds import schema
from kgrec_gds.data.dataset import RELATIONS, Dataset, Movies, Ratings, Relation, Vectors
from kgrec_gds.database.connection import Connection
from kgrec_gds.embeddings.methods import VECTOR_PROPERTIES
from kgrec_gds.errors import InputError


def pull(
    connection: Connection,
    method: str | None = None,
    until: int | None = None,
    *,
    others: Iterable[str] = (),
    names: bool = False,
) -> Dataset:
    """Read movies with their people and genres, ratings, and vectors.

    Users, movies and entities are sorted by key, so the same graph gives the same arrays.

    `method` names the vectors that models read, `others` more to compare; `until` keeps the ratings before that time
    (epoch seconds); `names` adds the names of people.

    Raises:
        InputError: the graph has no movies, there is no such method, or the graph has no vectors of it.
    """
    table = connection.one("data/movies")
    tconst = _with_padding(table["tconst"])
    if len(tconst) == 1:
        raise InputError("The graph has no movies. Import some first: kgrec-gds import.")
    movie_index = {key: number for number, key in enumerate(tconst)}
    people = connection.one("data/person_names") if names else None
    called = dict(zip(people["keys"], people["names"], strict=True)) if people else None
    movies = Movies(
        tconst=tconst,
        title=_with_padding(table["title"]),
        year=_numbers(table["year"]),
        average_rating=_numbers(table["average_rating"]),
        num_votes=_numbers(table["num_votes"]),
        relations={relation: _facts(connection, relation, movie_index, called) for relation in RELATIONS},
    )
    user_ids, ratings = pull_ratings(connection, movie_index, until)
    vectors = None if method is None else pull_vectors(connection, method, movies)
    more = tuple(pull_vectors(connection, other, movies) for other in others if other != method)
    return Dataset(user_ids, movies, ratings, vectors, more)


def available_methods(connection: Connection) -> tuple[str, ...]:
    """Methods with a vector on at least one movie, the preferred first."""
    rows = connection.run("data/vector_properties", properties=list(VECTOR_PROPERTIES.values()))
    found = {row["property"] for row in rows}
    return tuple(method for method, name in VECTOR_PROPERTIES.items() if name in found)


def vectors_cutoff(connection: Connection, method: str) -> int | None:
    """Cut-off of the ratings that a method's vectors were made with, epoch seconds; None for vectors without ratings."""
    found = connection.run("data/vectors_cutoff", method=method)
    return found[0]["cutoff"] if found else None


def pull_vectors(connection: Connection, method: str, movies: Movies) -> Vectors:
    """Read the vectors of one method, aligned with the rows of movies, people and genres.

    Raises:
        InputError: there is no such method, no movie has a vector of it, or the vectors differ in size.
    """
    if method not in VECTOR_PROPERTIES:
        known = ", ".join(VECTOR_PROPERTIES)
        raise InputError(f"Unknown embedding method {method!r}; expected one of {known}.")
    found: dict[str, dict[str, list[float]]] = {}
    for label in schema.FACT_LABELS:
        properties = {"key": schema.KEYS[label], "property": VECTOR_PROPERTIES[method]}
        found[label] = {}
        for row in connection.stream("data/vectors", label=label, **properties):
            found[label] |= zip(row["keys"], row["vectors"], strict=True)
    of_movies = found[schema.MOVIE]
    if not of_movies:
        have = ", ".join(available_methods(connection)) or "none"
        raise InputError(
            f"No movie has a {method} vector (methods present: {have}). "
            f"Create them: kgrec-gds embed --method {method}."
        )
    size = len(next(iter(of_movies.values())))
    entities = {
        relation: _rows(facts.keys, found[schema.GENRE if relation == "genres" else schema.PERSON], size)
        for relation, facts in movies.relations.items()
    }
    return Vectors(method, _rows(movies.tconst, of_movies, size), entities)


def _rows(keys: NDArray[np.object_], vectors: Mapping[str, list[float]], size: int) -> NDArray[np.float32]:
    result = np.zeros((len(keys), size), np.float32)
    for row, key in enumerate(keys):
        if (vector := vectors.get(key)) is None:
            continue
        if len(vector) != size:
            raise InputError(
                f"Vectors differ in size: {key} has {len(vector)} numbers, others have {size}. An embedding was "
                "interrupted; run kgrec-gds embed again."
            )
        result[row] = vector
    return result


def _facts(
    connection: Connection, relation: str, movie_index: Mapping[str, int], called: Mapping[str, str] | None
) -> Relation:
    by_movie: list[list[str]] = [[] for _ in movie_index]
    for row in connection.stream(f"data/{relation}"):
        by_movie[movie_index[row["tconst"]]] = row["keys"]
    keys = _with_padding(sorted({key for keys in by_movie for key in keys}))
    number = {key: index for index, key in enumerate(keys)}
    return Relation(
        keys=keys,
        indptr=np.cumsum([0, *map(len, by_movie)], dtype=np.int64),
        indices=np.array([number[key] for keys in by_movie for key in keys], np.int32),
        names=None if called is None else np.array([called.get(key, key) for key in keys], object),
    )


def pull_ratings(
    connection: Connection, movie_index: Mapping[str, int], until: int | None = None
) -> tuple[NDArray[np.object_], Ratings]:
    """Read user ids, with the padding row, and ratings; see `pull` for `until`."""
    rows = sorted(connection.stream("data/ratings", until=until), key=lambda row: row["user_id"])
    lengths = np.array([len(row["rating"]) for row in rows], np.int64)
    user = np.repeat(np.arange(1, len(rows) + 1, dtype=np.int32), lengths)
    size = int(lengths.sum())
    movie = np.fromiter((movie_index[key] for row in rows for key in row["tconst"]), np.int32, size)
    rating = np.fromiter((value for row in rows for value in row["rating"]), np.float32, size)
    rated_at = np.fromiter((value for row in rows for value in row["rated_at"]), np.int64, size)
    ratings = Ratings(user, movie, rating, rated_at).in_order()
    return _with_padding([row["user_id"] for row in rows]), ratings


def with_history(dataset: Dataset, history: Mapping[str, Any]) -> Dataset | None:
    """Replace one user's ratings by those that the graph holds now; None if the user rated a movie not in the data set.

    `history` has `user_id`, who may be new, and columns `tconst`, `rating` and `rated_at` of all the user's ratings. The
    data set itself is returned if nothing has changed.
    """
    keys, ratings, user = dataset.movies.tconst, dataset.ratings, history["user_id"]
    movie = np.searchsorted(keys, np.array(history["tconst"], object)).astype(np.int32)
    if any(row == len(keys) or keys[row] != key for row, key in zip(movie, history["tconst"], strict=True)):
        return None
    found = np.flatnonzero(dataset.user_ids == user)
    index = int(found[0]) if len(found) else len(dataset.user_ids)
    theirs = ratings.user_index == index
    now = Ratings(
        np.full(len(movie), index, np.int32),
        movie,
        np.array(history["rating"], np.float32),
        np.array(history["rated_at"], np.int64),
    ).in_order()
    before = ratings.take(np.flatnonzero(theirs))
    columns = list(vars(ratings))
    if len(found) and all(np.array_equal(getattr(now, name), getattr(before, name)) for name in columns):
        return dataset
    both = (np.concatenate([getattr(ratings, name)[~theirs], getattr(now, name)]) for name in columns)
    users = dataset.user_ids if len(found) else np.append(dataset.user_ids, user)
    return replace(dataset, user_ids=users, ratings=Ratings(*both).in_order())


def _with_padding(keys: Iterable[str]) -> NDArray[np.object_]:
    return np.array(["", *keys], dtype=object)


def _numbers(values: list[float]) -> NDArray[np.float32]:
    return np.array([np.nan, *values], np.float32)
