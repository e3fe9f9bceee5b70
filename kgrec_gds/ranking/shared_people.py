"""Shared people: cosine similarity of movies by TF-IDF over their directors, actors and writers."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix

from kgrec_gds.data.dataset import Dataset

#: Relations of a movie to people.
PEOPLE = ("directors", "actors", "writers")


@dataclass(frozen=True)
class SharedPeople:
    """People of the movies; a person counts once for a movie, in whatever role.

    F(m) = sum over liked l of cos(x_l, x_m), where x_m holds idf(p) = ln(movies with people / movies of p) for each person
    p of m.
    """

    nconst: NDArray[np.object_]
    """Shape (people,)."""
    idf: NDArray[np.float64]
    """Shape (people,)."""
    norm: NDArray[np.float64]
    """Length of x_m, 0 without people or where every idf is 0; shape (movies,)."""
    unit: csr_matrix
    """x_m / norm, shape (movies, people)."""

    @cached_property
    def by_person(self) -> csr_matrix:
        """`unit` transposed, shape (people, movies)."""
        return self.unit.T.tocsr()

    @classmethod
    def of(cls, dataset: Dataset) -> "SharedPeople":
        """The people of every movie of the data set; get it by `dataset.derive(SharedPeople.of)`."""
        movies, found = len(dataset.movies), [dataset.movies.relations.get(name) for name in PEOPLE]
        relations = [relation for relation in found if relation is not None]
        keys = [relation.keys[relation.indices].astype(str) for relation in relations]
        rows = [np.repeat(np.arange(movies), np.diff(relation.indptr)) for relation in relations]
        nconst, column = np.unique(np.concatenate([np.zeros(0, "U1"), *keys]), return_inverse=True)
        row = np.concatenate([np.zeros(0, np.int64), *rows])
        binary = coo_matrix((np.ones(len(row)), (row, column)), shape=(movies, len(nconst))).tocsr()
        binary.data[:] = 1.0
        with_people = max(1, np.count_nonzero(np.diff(binary.indptr)))
        idf = np.log(with_people / np.maximum(1, np.bincount(binary.indices, minlength=len(nconst))))
        binary.data = idf[binary.indices]
        norm = np.sqrt(np.asarray(binary.multiply(binary).sum(axis=1)).ravel())
        binary.data /= np.repeat(np.maximum(norm, 1e-12), np.diff(binary.indptr))
        return cls(nconst.astype(object), idf, norm, binary)
