"""The catalogue as the network reads it: embedding rows, and knowledge-graph vectors in slots."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from kgrec_gds.data.dataset import Dataset, Relation, Vectors

#: Slots of a movie's vectors: its own, and the means over its directors, lead actors and genres.
SLOTS = ("movie", "directors", "actors", "genres")
LEAD_ACTORS = 3


@dataclass(frozen=True)
class MovieTable:
    """Constants by movie_index."""

    id_rows: NDArray[np.int32]
    """(movies,): row of the id embedding, 0 for a movie without one."""
    slots: Callable[[], Iterator[NDArray[np.float32]]]
    """For each of `SLOTS` (movies, vector size), 0 where it has no vector; none without vectors.

    One after the other, because all of them are a gigabyte at 400,000 movies.
    """


def known_movies(dataset: Dataset, events: NDArray[np.integer], least: int) -> NDArray[np.object_]:
    """Movies (tconst) with at least `least` ratings among the events that parameters are fitted on."""
    counts = np.bincount(dataset.ratings.movie_index[events], minlength=len(dataset.movies))
    return dataset.movies.tconst[counts >= least]


def movie_table(dataset: Dataset, known: NDArray[np.object_], *, use_vectors: bool) -> MovieTable:
    """Constants of a catalogue, which may hold movies that training never saw.

    Args:
        dataset: movies, their relations and vectors.
        known: tconst of the movies with an embedding of their own, in the order of its rows from 1.
        use_vectors: False leaves the slots out.
    """
    row_of = {tconst: row for row, tconst in enumerate(known, start=1)}
    id_rows = np.array([row_of.get(tconst, 0) for tconst in dataset.movies.tconst], np.int32)
    vectors = dataset.vectors if use_vectors else None
    return MovieTable(id_rows, lambda: (_slot(dataset, vectors, name) for name in SLOTS if vectors))


def _slot(dataset: Dataset, vectors: Vectors, name: str) -> NDArray[np.float32]:
    found = _mean_vectors(dataset, vectors, name)
    # Directions only: methods differ in the length of their vectors, and the length follows a node's degree.
    norm = np.linalg.norm(found, axis=-1, keepdims=True)
    directions: NDArray[np.float32] = found * (np.float32(found.shape[1] ** 0.5) / np.maximum(norm, 1e-12))
    return directions


def _mean_vectors(dataset: Dataset, vectors: Vectors, name: str) -> NDArray[np.float32]:
    if name == "movie":
        return vectors.movies
    if name not in vectors.entities or name not in dataset.movies.relations:
        return np.zeros_like(vectors.movies)
    limit = LEAD_ACTORS if name == "actors" else None
    return mean_of_entities(dataset.movies.relations[name], vectors.entities[name], limit)


def mean_of_entities(relation: Relation, rows: NDArray[np.float32], limit: int | None) -> NDArray[np.float32]:
    """Mean vector of each movie's entities, of the first `limit` where given; zeros where it has none.

    Args:
        relation: movie to entities.
        rows: (entities, size).
        limit: how many entities of a movie count, in their order.
    """
    count = np.diff(relation.indptr)
    movie, entity = np.repeat(np.arange(len(count)), count), relation.indices
    if limit is not None:
        kept = np.arange(len(movie)) - relation.indptr[movie] < limit
        movie, entity = movie[kept], entity[kept]
    # As a sparse product, because the vectors of all links would be a gigabyte at a million people.
    ones = np.ones(len(movie), np.float32)
    links = csr_matrix((ones, (movie, entity)), shape=(len(count), len(rows)))
    with_vector = links @ rows.any(axis=1).astype(np.float32)
    mean: NDArray[np.float32] = links @ rows
    mean /= np.maximum(with_vector, 1)[:, None]
    return mean
