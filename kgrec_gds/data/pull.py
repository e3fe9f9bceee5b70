"""The graph as arrays: one query a table, columns collected in the database."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds import schema
from kgrec_gds.data.dataset import RELATIONS, Dataset, Facts, Movies, Ratings, Vectors
from kgrec_gds.database.connection import Connection
from kgrec_gds.embeddings.methods import VECTOR_PROPERTIES
from kgrec_gds.errors import InputError


def pull(
    graph: Connection,
    method: str | None = None,
    until: int | None = None,
    *,
    others: Iterable[str] = (),
    names: bool = False,
) -> Dataset:
    """Read movies, facts, ratings and the vectors that models read.

    Users, movies and entities are in the order of their keys, so the same graph gives the same arrays.

    Args:
        graph: the connection.
        method: `fastrp`, `node2vec`, `transe` or `distmult`; None for no vectors.
        until: only ratings before this moment (epoch seconds); None for all.
        others: more methods, to compare by.
        names: people's names too.

    Raises:
        InputError: no movies, no such method, or no vectors of that method in the graph.
    """
    table = graph.one("data/movies")
    tconst = _with_padding(table["tconst"])
    if len(tconst) == 1:
        raise InputError("The graph should hold movies, but holds none. Try `kgrec-gds import` first.")
    movie_index = {key: number for number, key in enumerate(tconst)}
    people = graph.one("data/person_names") if names else None
    called = dict(zip(people["keys"], people["names"], strict=True)) if people else None
    movies = Movies(
        tconst=tconst,
        title=_with_padding(table["title"]),
        year=_numbers(table["year"]),
        average_rating=_numbers(table["average_rating"]),
        num_votes=_numbers(table["num_votes"]),
        facts={relation: _facts(graph, relation, movie_index, called) for relation in RELATIONS},
    )
    user_ids, ratings = pull_ratings(graph, movie_index, until)
    vectors = None if method is None else pull_vectors(graph, method, movies)
    more = tuple(pull_vectors(graph, other, movies) for other in others if other != method)
    return Dataset(user_ids, movies, ratings, vectors, more)


def available_methods(graph: Connection) -> tuple[str, ...]:
    """Methods whose vectors stand on at least one movie, the preferred first."""
    rows = graph.run("data/vector_properties", properties=list(VECTOR_PROPERTIES.values()))
    found = {row["property"] for row in rows}
    return tuple(method for method, name in VECTOR_PROPERTIES.items() if name in found)


def made_with_ratings(graph: Connection, method: str) -> bool:
    """Whether ratings went into a method's vectors, of all users up to `vectors_cutoff`."""
    return vectors_cutoff(graph, method) is not None


def vectors_cutoff(graph: Connection, method: str) -> int | None:
    """The first moment whose ratings a method's vectors do not know, epoch seconds; None where they know none."""
    found = graph.run("data/vectors_cutoff", method=method)
    return found[0]["cutoff"] if found else None


def pull_vectors(graph: Connection, method: str, movies: Movies) -> Vectors:
    """Read the vectors of one method, aligned with the movies and with the entities of their facts.

    Raises:
        InputError: no such method, no movie has a vector of it, or they differ in size.
    """
    if method not in VECTOR_PROPERTIES:
        known = ", ".join(VECTOR_PROPERTIES)
        raise InputError(f"The embedding method should be one of {known}; received '{method}'.")
    found = {label: _vectors_by_key(graph, label, VECTOR_PROPERTIES[method]) for label in schema.FACT_LABELS}
    of_movies = found[schema.MOVIE]
    if not of_movies:
        have = ", ".join(available_methods(graph)) or "none"
        raise InputError(
            f"Movies should have {method} vectors, but none has (methods present: {have}). "
            f"Try `kgrec-gds embed --method {method}`."
        )
    size = len(next(iter(of_movies.values())))
    entities = {
        relation: _rows(facts.keys, found[schema.GENRE if relation == "genres" else schema.PERSON], size)
        for relation, facts in movies.facts.items()
    }
    return Vectors(method, _rows(movies.tconst, of_movies, size), entities)


def _vectors_by_key(graph: Connection, label: str, vector: str) -> dict[str, list[float]]:
    rows = graph.stream("data/vectors", label=label, key=schema.KEYS[label], property=vector)
    return {key: vector for row in rows for key, vector in zip(row["keys"], row["vectors"], strict=True)}


def _rows(keys: NDArray[np.object_], vectors: Mapping[str, list[float]], size: int) -> NDArray[np.float32]:
    result = np.zeros((len(keys), size), np.float32)
    for row, key in enumerate(keys):
        if (vector := vectors.get(key)) is None:
            continue
        if len(vector) != size:
            raise InputError(
                f"Vectors of one method should have one size; {key} has {len(vector)} numbers where others have {size}. "
                "Making them was broken off: run kgrec-gds embed again."
            )
        result[row] = vector
    return result


def _facts(
    graph: Connection, relation: str, movie_index: Mapping[str, int], called: Mapping[str, str] | None
) -> Facts:
    by_movie: list[list[str]] = [[] for _ in movie_index]
    for row in graph.stream(f"data/{relation}"):
        by_movie[movie_index[row["tconst"]]] = row["keys"]
    keys = _with_padding(sorted({key for keys in by_movie for key in keys}))
    number = {key: index for index, key in enumerate(keys)}
    return Facts(
        keys=keys,
        indptr=np.cumsum([0, *map(len, by_movie)], dtype=np.int64),
        indices=np.array([number[key] for keys in by_movie for key in keys], np.int32),
        names=None if called is None else np.array([called.get(key, key) for key in keys], object),
    )


def pull_ratings(
    graph: Connection, movie_index: Mapping[str, int], until: int | None = None
) -> tuple[NDArray[np.object_], Ratings]:
    """User ids, with the padding row, and ratings; see `pull` for `until`."""
    rows = sorted(graph.stream("data/ratings", until=until), key=lambda row: row["user_id"])
    lengths = np.array([len(row["rating"]) for row in rows], np.int64)
    user = np.repeat(np.arange(1, len(rows) + 1, dtype=np.int32), lengths)
    size = int(lengths.sum())
    movie = np.fromiter((movie_index[key] for row in rows for key in row["tconst"]), np.int32, size)
    rating = np.fromiter((value for row in rows for value in row["rating"]), np.float32, size)
    rated_at = np.fromiter((value for row in rows for value in row["rated_at"]), np.int64, size)
    ratings = Ratings(user, movie, rating, rated_at).in_order()
    return _with_padding([row["user_id"] for row in rows]), ratings


def with_history(dataset: Dataset, user: str, history: Mapping[str, list[Any]]) -> Dataset | None:
    """The data set with one user's ratings as they are now.

    Args:
        dataset: as pulled.
        user: user id, who may be new.
        history: columns `tconst`, `rating` and `rated_at` of all their ratings.

    Returns:
        the data set itself where nothing has changed; None where the user rated a movie it does not hold.
    """
    keys, ratings = dataset.movies.tconst, dataset.ratings
    movie = np.searchsorted(keys, np.array(history["tconst"], object)).astype(np.int32)
    if any(
        place == len(keys) or keys[place] != key for place, key in zip(movie, history["tconst"], strict=True)
    ):
        return None
    found = np.flatnonzero(dataset.user_ids == user)
    number = int(found[0]) if len(found) else len(dataset.user_ids)
    theirs = ratings.user_index == number
    now = Ratings(
        np.full(len(movie), number, np.int32), movie,
        np.array(history["rating"], np.float32), np.array(history["rated_at"], np.int64),
    ).in_order()  # fmt: skip
    before = ratings.take(np.flatnonzero(theirs))
    if len(now) == len(before) and all(
        np.array_equal(getattr(now, name), getattr(before, name))
        for name in ("movie_index", "rating", "rated_at")
    ):
        return dataset
    both = Ratings(*(
        np.concatenate([getattr(ratings, name)[~theirs], getattr(now, name)])
        for name in ("user_index", "movie_index", "rating", "rated_at")
    ))  # fmt: skip
    users = dataset.user_ids if len(found) else np.append(dataset.user_ids, np.array([user], object))
    return replace(dataset, user_ids=users, ratings=both.in_order())


def _with_padding(keys: Iterable[str]) -> NDArray[np.object_]:
    return np.array(["", *keys], dtype=object)


def _numbers(values: list[float]) -> NDArray[np.float32]:
    return np.array([np.nan, *values], np.float32)
