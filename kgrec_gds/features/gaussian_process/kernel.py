"""The kernel of the Gaussian process: the covariance of two residuals of one user, by movie and time.

It is a sum of products: what ratings a few steps or hours apart share, what the slopes along year, popularity and
quality share, and, where wanted, what similar genres and periods and similar graph vectors share. All variances are relative to the noise of a rating, which is 1; they were chosen on movielens and movietweetings.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.rating_log import QueryPositions
from kgrec_gds.features.movie_attributes import movie_covariates
from kgrec_gds.features.movie_vectors import Floats, genre_vectors, graph_vectors

BURST, BURST_STEPS = 0.065, 5.0
"""Variance that ratings close in the sequence share, and the steps in which it falls by half."""
HOURS_VARIANCE, HOURS = 0.04, 2.0
"""Variance that ratings close in time share, and the hours in which it falls to 1/e."""
SLOPES = (0.023, 0.014, 0.016)
"""Variances of the slopes along year, popularity and quality; the user's deviation takes the place of the constant."""
LINEAR_STEPS = 70.0
"""Steps in which what the slopes share falls by half: preferences change."""
GENRES, GENRES_BURST = 0.16, 0.2
"""Variance that movies of the same genres and period share, and what they share besides a few steps apart."""
VECTORS, VECTORS_SLOW, SLOW_STEPS = 0.45, 0.32, 100.0
"""Variance that movies of the same graph vector share, and what falls by half in `SLOW_STEPS`."""


@dataclass(frozen=True)
class Points:
    """Ratings or queries as the kernel sees them; arrays of shape (groups, points, …), or (groups, 1) by `shared`."""

    step: NDArray[np.int64]
    """Position in the user's sequence."""
    at: NDArray[np.int64]
    """Epoch seconds."""
    linear: NDArray[np.float64]
    """Scaled covariates, whose product is a covariance."""
    genres: Floats | None
    vectors: Floats | None


def shared(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """(groups, points), or (groups, 1) where all of a group are equal, as for a catalogue at one time."""
    return values[:, :1] if (values == values[:, :1]).all() else values


class Kernel:
    """The covariance, with what similar movies share where the data set has genres and vectors, if `similarity`."""

    def __init__(self, dataset: Dataset, *, similarity: bool) -> None:
        self._genres = dataset.derive(genre_vectors) if similarity else None
        self._vectors = dataset.derive(graph_vectors) if similarity else None

    def points(self, step: NDArray[np.int64], known: QueryPositions, rows: NDArray[np.int64]) -> Points:
        """Some queries at steps of their users' sequences; `step` and `rows` of shape (groups, points)."""
        movie_index = known.queries.movie_index[rows]
        linear = known.derive(movie_covariates)[rows] * np.sqrt(SLOPES)
        vectors = (None if each is None else each[movie_index] for each in (self._genres, self._vectors))
        return Points(shared(step), shared(known.queries.at[rows]), linear, *vectors)

    def covariance(self, ones: Points, others: Points) -> Floats:
        """Covariance of every two points, shape (groups, ones, others)."""
        steps, seconds = _distance(ones.step, others.step), _distance(ones.at, others.at)
        burst = _half_in(BURST_STEPS, steps)
        total: Floats = (ones.linear @ others.linear.transpose(0, 2, 1)).astype(np.float32)
        total *= _half_in(LINEAR_STEPS, steps)
        total += np.float32(BURST) * burst
        total += np.float32(HOURS_VARIANCE) * np.exp(seconds / np.float32(-3600 * HOURS))
        if ones.genres is not None and others.genres is not None:
            similar = _raised(ones.genres @ others.genres.transpose(0, 2, 1), 4)
            total += similar * (np.float32(GENRES) + np.float32(GENRES_BURST) * burst)
        if ones.vectors is not None and others.vectors is not None:
            cosine = ones.vectors @ others.vectors.transpose(0, 2, 1)
            similar = _raised(np.float32(0.5) * (np.float32(1) + cosine), 8)
            slow = _half_in(SLOW_STEPS, steps)
            total += similar * (np.float32(VECTORS) + np.float32(VECTORS_SLOW) * slow)
        return total


def _raised(values: Floats, power: int) -> Floats:
    """To a power of two, in place."""
    while power > 1:
        np.square(values, out=values)
        power //= 2
    return values


def _distance(ones: NDArray[np.int64], others: NDArray[np.int64]) -> Floats:
    """Shape (groups, ones, others)."""
    difference: Floats = (ones[:, :, None] - others[:, None, :]).astype(np.float32)
    return np.abs(difference, out=difference)


def _half_in(half: float, steps: Floats) -> Floats:
    return np.float32(1) / (np.float32(1) + steps / np.float32(half))
