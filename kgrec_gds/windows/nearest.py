"""What the user thought of the rated movies that are most like the candidate."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]  # it ships no types

from kgrec_gds.windows.log import Asked, RatingLog
from kgrec_gds.windows.series import Columns

#: Queries a block: small, so that a block's similarities stay in the processor's cache.
_BLOCK = 64


@dataclass(frozen=True)
class Nearest:
    """Similarity to the user's last `reach` rated movies."""

    log: RatingLog
    unit: NDArray[np.float32]
    """One vector a movie, of length 1 (or 0), shape (movies, size)."""
    reach: int
    powers: tuple[int, ...]
    """Powers of two of the cosine that weigh the rated movies: low ones broadly, high ones close neighbours only."""
    prefix: str
    """Of the columns' names."""

    def columns(self, asked: Asked) -> Columns:
        """Similarity-weighted mean residual, its weight, and the nearest movie's similarity and residual."""
        position = asked.user_position
        first = np.where(position >= 0, self.log.by_user.first[np.maximum(position, 0)], 0)
        low = np.maximum(first, position + 1 - self.reach)
        out = np.zeros((len(asked), 2 * len(self.powers) + 2))
        order = np.argsort(position, kind="stable")
        order = order[np.searchsorted(position[order], 0) :]
        # Products this small lose more to threads waiting for each other than they gain.
        with _pools().limit(limits=1, user_api="blas"):
            for rows in _blocks(order, low, position, self.reach):
                out[rows] = self._block(asked.queries.movie_index[rows], low[rows], position[rows])
        names = [f"{self.prefix}{power}_{what}" for power in self.powers for what in ("residual", "weight")]
        return dict(
            zip([*names, f"{self.prefix}est_similarity", f"{self.prefix}est_residual"], out.T, strict=True)
        )

    def _block(
        self, movie: NDArray[np.int32], low: NDArray[np.int64], position: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        begin, end = int(low.min()), int(position.max()) + 1
        events = self.log.by_user.order[begin:end]
        rated = self.log.dataset.ratings.movie_index[events]
        residual = self.log.residual[events].astype(np.float32)
        cosine = self.unit[movie] @ self.unit[rated].T  # (queries, events)
        if low.max() > begin or position.min() + 1 < end:
            place = np.arange(begin, end, dtype=np.int32)
            # One comparison for both ends: what lies before the beginning is a huge unsigned number.
            after_low = (place - low.astype(np.int32)[:, None]).view(np.uint32)
            cosine *= after_low <= (position - low).astype(np.uint32)[:, None]
        np.maximum(cosine, 0.0, out=cosine)
        ones_and_residual = np.stack([np.ones_like(residual), residual], axis=1)
        columns = []
        weight, power = cosine, 1
        for wanted in self.powers:
            while power < wanted:
                weight, power = weight * weight, power * 2
            mass, total = (weight @ ones_and_residual).T
            columns += [total / (mass + 1.0), np.log1p(mass)]
        best = cosine.argmax(axis=1)
        similarity = cosine[np.arange(len(best)), best]
        return np.stack([*columns, similarity, np.where(similarity > 0, residual[best], 0.0)], axis=1)


def unit(vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    """Rows of length 1; rows of zeros stay."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.maximum(length, 1e-12)).astype(np.float32)


def kind_vectors(genres: NDArray[np.float64], year: NDArray[np.float32]) -> NDArray[np.float32]:
    """A movie's genres and period as one vector, whose cosine says how much two movies are of a kind.

    Args:
        genres: multi-hot, shape (movies, genres).
        year: shape (movies,); unknown years are like no other.
    """
    centres = np.arange(1896, 2050, 8)
    period = np.exp(-((year[:, None] - centres) ** 2) / (2 * 6.0**2))
    return unit(np.hstack([unit(genres), unit(np.nan_to_num(period))]))


@cache
def _pools() -> ThreadpoolController:
    return ThreadpoolController()


def _blocks(
    order: NDArray[np.int64], low: NDArray[np.int64], position: NDArray[np.int64], reach: int
) -> list[NDArray[np.int64]]:
    # Queries next to each other share most of their history; a block ends before it would span much more than one.
    blocks, begin = [], 0
    while begin < len(order):
        rows = order[begin : begin + _BLOCK]
        start = np.minimum.accumulate(low[rows])
        fits = position[rows] - start < reach + _BLOCK
        size = len(rows) if fits.all() else max(int(np.argmin(fits)), 1)
        blocks.append(rows[:size])
        begin += size
    return blocks
