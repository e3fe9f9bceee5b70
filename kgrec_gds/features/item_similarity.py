"""Item similarity: residuals of the user's latest ratings, weighted by how similar the rated movies are to the movie.

For a power p of the cosine, sum c^p e / (sum c^p + 1) over the user's latest ratings with residuals e: an item-based
nearest-neighbour prediction (Sarwar, Karypis, Konstan and Riedl, 2001) with a soft neighbourhood.
"""

from collections.abc import Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.grouping import at
from kgrec_gds.data.rating_log import QueryPositions
from kgrec_gds.features.block import Block, Columns
from kgrec_gds.features.movie_vectors import Floats, graph_vectors
from kgrec_gds.features.parallel import in_parallel

LATEST = 256
"""Number of the user's latest ratings that are compared."""
POWERS = (2, 8)
"""Powers of two of the cosine: low ones weigh all movies, high ones only close neighbours."""
#: Queries, and cosines, of a batch: they stay in the processor's cache.
_MOST_QUERIES = 512
_CELLS = 1 << 15


class ItemSimilarity(Block):
    """Similarity by the graph's vectors."""

    graph = vectors = True

    def compute(self, known: QueryPositions) -> Columns:
        """Weighted mean residual and log weight by power; the most similar movie's cosine and residual."""
        if self.dataset.vectors is None:
            return {}
        position = known.user_position
        first = at(self.log.by_user.first, position).astype(np.int64)
        begin = np.maximum(first, position + 1 - LATEST)
        order = np.argsort(position, kind="stable")
        order = order[np.searchsorted(position[order], 0) :]
        found = np.zeros((2 * len(POWERS) + 2, len(known)), np.float32)

        def work(rows: NDArray[np.int64]) -> None:
            found[:, rows] = self._batch(known.queries.movie_index[rows], begin[rows], position[rows])

        in_parallel(work, _batches(order, begin, position))
        names = [f"{power}_{what}" for power in POWERS for what in ("residual", "weight")]
        names = [f"item_similarity_{name}" for name in (*names, "nearest_cosine", "nearest_residual")]
        return dict(zip(names, found.astype(np.float64), strict=True))

    @cached_property
    def _events(self) -> tuple[NDArray[np.int32], Floats]:
        """Movie, and (1, residual), by position in `log.by_user`."""
        order = self.log.by_user.order
        one_and_residual = np.ones((len(order), 2), np.float32)
        one_and_residual[:, 1] = self.log.residual[order]
        return self.log.ratings.movie_index[order], one_and_residual

    def _batch(
        self, movie: NDArray[np.int32], begin: NDArray[np.int64], position: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        vectors = self.dataset.derive(graph_vectors)
        assert vectors is not None  # compute has checked it
        low, high = int(begin.min()), int(position.max()) + 1
        rated, one_and_residual = (column[low:high] for column in self._events)
        cosine = vectors[movie] @ vectors[rated].T  # (queries, events)
        if begin.max() > low or position.min() + 1 < high:
            # One comparison for both ends: as an unsigned number, a place before the beginning is huge.
            place = (np.arange(low, high, dtype=np.int32) - begin.astype(np.int32)[:, None]).view(np.uint32)
            cosine *= place <= (position - begin).astype(np.uint32)[:, None]
        np.maximum(cosine, 0.0, out=cosine)
        nearest = cosine.shape[1] - 1 - cosine[:, ::-1].argmax(axis=1)  # the latest of equally similar movies
        found = np.empty((2 * len(POWERS) + 2, len(movie)), np.float32)
        found[-2] = cosine[np.arange(len(nearest)), nearest]
        found[-1] = np.where(found[-2] > 0, one_and_residual[nearest, 1], 0.0)
        power = 1
        for number, wanted in enumerate(POWERS):
            while power < wanted:
                np.square(cosine, out=cosine)
                power *= 2
            weight, total = (cosine @ one_and_residual).T
            found[2 * number] = total / (weight + 1.0)
            found[2 * number + 1] = np.log1p(weight)
        return found


def _batches(
    order: NDArray[np.int64], begin: NDArray[np.int64], position: NDArray[np.int64]
) -> Iterator[NDArray[np.int64]]:
    """Consecutive queries share most of their history: as many to a batch as stay in the processor's cache."""
    low = 0
    while low < len(order):
        rows = order[low : low + _MOST_QUERIES]
        width = position[rows] - np.minimum.accumulate(begin[rows]) + 1
        many = (width * np.arange(1, len(rows) + 1) > _CELLS) | (width > 2 * LATEST)
        size = max(int(many.argmax()), 1) if many.any() else len(rows)
        yield rows[:size]
        low += size
