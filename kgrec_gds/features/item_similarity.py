"""What the user thought of the rated movies that are most like the candidate."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.rating_log import QueryPositions, RatingLog
from kgrec_gds.features.rolling_statistics import Columns
from kgrec_gds.threads import one_blas_thread

_MOST_QUERIES = 512
#: Similarities computed at once.
_CELLS = 1 << 15
#: Of a unit vector's numbers, from 0 to 1.
_STEPS = 1 << 11


@dataclass(frozen=True)
class Nearest:
    """Similarity to the user's last `reach` rated movies."""

    log: RatingLog
    unit: NDArray[np.float32]
    """One vector a movie, as `unit` makes them, shape (movies, size)."""
    reach: int
    powers: tuple[int, ...]
    """Powers of two of the cosine that weigh the rated movies: low ones broadly, high ones close neighbours only."""
    prefix: str
    """Of the columns' names."""

    def columns(self, asked: QueryPositions) -> Columns:
        """Similarity-weighted mean residual, its weight, and the nearest movie's similarity and residual."""
        position = asked.user_position
        first = np.where(position >= 0, self.log.by_user.first[np.maximum(position, 0)], 0)
        low = np.maximum(first, position + 1 - self.reach)
        out = np.zeros((2 * len(self.powers) + 2, len(asked)), np.float32)
        order = np.argsort(position, kind="stable")
        order = order[np.searchsorted(position[order], 0) :]
        with one_blas_thread():
            for rows in _blocks(order, low, position, self.reach):
                out[:, rows] = self._block(asked.queries.movie_index[rows], low[rows], position[rows])
        names = [f"{self.prefix}{power}_{what}" for power in self.powers for what in ("residual", "weight")]
        similarity, residual = f"{self.prefix}est_similarity", f"{self.prefix}est_residual"
        return dict(zip([*names, similarity, residual], out.astype(np.float64), strict=True))

    @cached_property
    def _events(self) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Movie, and (1, residual), by position in `log.by_user`."""
        order = self.log.by_user.order
        both = np.ones((len(order), 2), np.float32)
        both[:, 1] = self.log.residual[order]
        return self.log.dataset.ratings.movie_index[order], both

    def _block(
        self, movie: NDArray[np.int32], low: NDArray[np.int64], position: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        begin, end = int(low.min()), int(position.max()) + 1
        rated, one_and_residual = (column[begin:end] for column in self._events)
        cosine = self.unit[movie] @ self.unit[rated].T  # (queries, events)
        if low.max() > begin or position.min() + 1 < end:
            place = np.arange(begin, end, dtype=np.int32)
            # One comparison for both ends: what lies before the beginning is a huge unsigned number.
            after_low = (place - low.astype(np.int32)[:, None]).view(np.uint32)
            cosine *= after_low <= (position - low).astype(np.uint32)[:, None]
        np.maximum(cosine, 0.0, out=cosine)
        best = cosine.shape[1] - 1 - cosine[:, ::-1].argmax(axis=1)  # of those just as near the latest
        out = np.empty((2 * len(self.powers) + 2, len(movie)), np.float32)
        out[-2] = cosine[np.arange(len(best)), best]
        out[-1] = np.where(out[-2] > 0, one_and_residual[best, 1], 0.0)
        power = 1
        for number, wanted in enumerate(self.powers):
            while power < wanted:
                np.square(cosine, out=cosine)
                power *= 2
            mass, total = (cosine @ one_and_residual).T
            out[2 * number] = total / (mass + 1.0)
            out[2 * number + 1] = np.log1p(mass)
        return out


def unit(vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    """Rows of length 1, in multiples of 2⁻¹¹; rows of zeros stay.

    A cosine is then a sum of multiples of 2⁻²², which float32 holds exactly whatever order a product adds them up in:
    movies that are just as near tie on every machine, and nothing later decides between them.
    """
    return (np.rint(_of_length_one(vectors) * _STEPS) / _STEPS).astype(np.float32)


def _of_length_one(vectors: NDArray[np.floating]) -> NDArray[np.float64]:
    wide = vectors.astype(np.float64)
    return wide / np.maximum(np.linalg.norm(wide, axis=1, keepdims=True), 1e-12)


def kind_vectors(genres: NDArray[np.float64], year: NDArray[np.float32]) -> NDArray[np.float32]:
    """A movie's genres and period as one vector, whose cosine says how much two movies are of a kind.

    Args:
        genres: multi-hot, shape (movies, genres).
        year: shape (movies,); unknown years are like no other.
    """
    centres = np.arange(1896, 2050, 8)
    period = np.exp(-((year[:, None] - centres) ** 2) / (2 * 6.0**2))
    return unit(np.hstack([_of_length_one(genres), _of_length_one(np.nan_to_num(period))]))


def _blocks(
    order: NDArray[np.int64], low: NDArray[np.int64], position: NDArray[np.int64], reach: int
) -> Iterator[NDArray[np.int64]]:
    """Queries next to each other share most of their history: as many at once as stay in the processor's cache."""
    begin = 0
    while begin < len(order):
        rows = order[begin : begin + _MOST_QUERIES]
        width = position[rows] - np.minimum.accumulate(low[rows]) + 1
        many = (width * np.arange(1, len(rows) + 1) > _CELLS) | (width > 2 * reach)
        size = max(int(many.argmax()), 1) if many.any() else len(rows)
        yield rows[:size]
        begin += size
