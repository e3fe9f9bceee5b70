"""Movies as unit vectors whose cosine says how similar two movies are: by genres and period, or by the graph."""

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset

Floats = NDArray[np.float32]

STEPS = 1 << 11
"""Vectors are whole multiples of 1 / STEPS."""
_YEARS = np.arange(1896, 2050, 8)
_YEAR_WIDTH = 6.0


def genre_vectors(dataset: Dataset) -> Floats | None:
    """Genres and period as one unit vector a movie: half the cosine comes from each; None without genres.

    A period is a smooth one-hot of the release year; a movie of unknown year is similar to none by period.
    """
    genres = dataset.movies.relations.get("genres")
    if genres is None:
        return None
    flags = np.zeros((len(dataset.movies), len(genres.keys)))
    flags[np.repeat(np.arange(len(flags)), np.diff(genres.indptr)), genres.indices] = 1.0
    period = np.exp(-((dataset.movies.year[:, None] - _YEARS) ** 2) / (2 * _YEAR_WIDTH**2))
    return unit(np.hstack([_of_length_one(flags), _of_length_one(np.nan_to_num(period))]))


def graph_vectors(dataset: Dataset) -> Floats | None:
    """The graph's vectors as unit vectors, shape (movies, size); None in a data set without vectors."""
    return None if dataset.vectors is None else unit(dataset.vectors.movies)


def unit(vectors: NDArray[np.floating]) -> Floats:
    """Rows of length 1, in multiples of 2^-11; rows of zeros stay.

    A cosine is then a sum of multiples of 2^-22, which float32 holds exactly in whatever order a product adds them up:
    equally similar movies tie on every machine.
    """
    return (np.rint(_of_length_one(vectors) * STEPS) / STEPS).astype(np.float32)


def _of_length_one(vectors: NDArray[np.floating]) -> NDArray[np.float64]:
    wide = vectors.astype(np.float64)
    return wide / np.maximum(np.linalg.norm(wide, axis=1, keepdims=True), 1e-12)
