"""A short hash of what a result was computed from, so that interrupted work never resumes on other data."""

import hashlib

import numpy as np

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.splits import Split


def fingerprint(dataset: Dataset, split: Split, settings: str) -> str:
    """Hash of everything but the code that decides a result: ratings, movies, the vectors read, split and settings."""
    movies = dataset.movies
    arrays = [*vars(dataset.ratings).values(), split.train, split.validation, split.test]
    arrays += [movies.tconst, movies.year, movies.average_rating, movies.num_votes]
    for relation in movies.relations.values():
        arrays += [relation.keys, relation.indptr, relation.indices]
    if dataset.vectors is not None:
        arrays += [dataset.vectors.movies, *dataset.vectors.entities.values()]
    digest = hashlib.sha256(settings.encode())
    for array in arrays:
        plain = array.astype(str) if array.dtype == object else np.ascontiguousarray(array)
        digest.update(f"{plain.dtype} {plain.shape}".encode())
        digest.update(plain.tobytes())
    return digest.hexdigest()[:16]
