"""Posterior means of many queries at once: queries of one user that see the same steps share one factorisation.

A query with n earlier ratings belongs to block (n - 1) // BLOCK_STEPS of its user. It sees that block's steps so far and
the EARLIER_STEPS before the block, so its value depends on the user's own earlier ratings alone, in bulk as alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.rating_log import QueryPositions
from kgrec_gds.features.block import Block, Columns
from kgrec_gds.features.gaussian_process.kernel import Kernel, Points, shared
from kgrec_gds.features.gaussian_process.posterior import running_weights
from kgrec_gds.features.parallel import in_parallel

BLOCK_STEPS = 128
"""Ratings of a user whose queries share their steps."""
EARLIER_STEPS = 128
"""Ratings before the block that are seen too."""
_LEAST_STEPS = 4
#: Covariances computed at once: they stay in the processor's cache.
_CELLS = 1 << 18


@dataclass(frozen=True)
class _Group:
    """Queries that see steps of one block, at positions `begin` to `end` in `log.by_user`, both included."""

    begin: int
    end: int
    rows: NDArray[np.int64]

    @property
    def size(self) -> int:
        """Number of steps, rounded up to a power of two: few sizes, so that many groups fill a batch."""
        return max(_LEAST_STEPS, 1 << (self.end - self.begin).bit_length())


class GaussianProcess(Block):
    """Posterior mean of the residual, given the user's earlier residuals: by order, time and the movies' attributes.

    Unlike a mean of the nearest ratings it knows that ten ratings of one burst say little more than a few.
    """

    online = False
    column: ClassVar[str] = "gaussian_process"

    @cached_property
    def kernel(self) -> Kernel:
        """The covariance."""
        return Kernel(self.dataset, similarity=self.vectors)

    def compute(self, known: QueryPositions) -> Columns:
        """Posterior mean of each query, 0 where the user has no history."""
        found = np.zeros(len(known))
        in_parallel(lambda groups: self._answer(groups, known, found), self._batches(known))
        return {self.column: found}

    def _batches(self, known: QueryPositions) -> Iterator[list[_Group]]:
        """Groups of the same number of steps and of similar numbers of queries, as many as fit the cache."""
        batch: list[_Group] = []
        for group in sorted(self._groups(known), key=lambda group: (group.size, len(group.rows))):
            cells = (len(batch) + 1) * group.size * max(len(group.rows), group.size)
            if batch and (group.size != batch[0].size or cells > _CELLS):
                yield batch
                batch = []
            batch.append(group)
        if batch:
            yield batch

    def _groups(self, known: QueryPositions) -> list[_Group]:
        rows = np.flatnonzero(known.user_position >= 0)
        rows = rows[np.argsort(known.user_position[rows], kind="stable")]
        position = known.user_position[rows]
        first = self.log.by_user.first[position]
        start = first + (position - first) // BLOCK_STEPS * BLOCK_STEPS
        low = np.flatnonzero(np.diff(start, prepend=-1))
        high = np.append(low, len(rows))[1:]
        begin = np.maximum(first, start - EARLIER_STEPS)
        return [
            _Group(int(begin[a]), int(position[b - 1]), rows[a:b]) for a, b in zip(low, high, strict=True)
        ]

    def _answer(self, groups: list[_Group], known: QueryPositions, found: NDArray[np.float64]) -> None:
        """Write the posterior means of the groups' queries to `found`."""
        steps, weights = self._histories(groups)
        begin = np.array([group.begin for group in groups])[:, None]
        most = max(len(group.rows) for group in groups)
        rows = np.stack([np.resize(group.rows, most) for group in groups])  # (groups, queries), some twice
        at_once = max(_CELLS // steps.step.size, 1)
        for part in (rows[:, low : low + at_once] for low in range(0, most, at_once)):
            position = known.user_position[part]
            queries = self.kernel.points(position + 1, known, part)
            # (groups, queries, steps), or one query for all of a group
            visible = weights[shared(position - begin), np.arange(len(groups))[:, None]]
            found[part] = (visible * self.kernel.covariance(queries, steps)).sum(axis=2)

    def _histories(self, groups: list[_Group]) -> tuple[Points, NDArray[np.float64]]:
        """The groups' steps, and their weights after each step."""
        begin, end = np.array([[group.begin, group.end] for group in groups]).T[..., None]
        step = begin + np.arange(groups[0].size)
        real = step <= end  # (groups, steps)
        events = self.log.by_user.order[np.minimum(step, end)]
        steps = self.kernel.points(step, self.log.events, events)
        both = real[:, :, None] & real[:, None, :]
        covariance = np.where(both, self.kernel.covariance(steps, steps), 0.0)
        return steps, running_weights(covariance, self.log.residual[events] * real)


class GaussianProcessVectors(GaussianProcess):
    """The same with similarity by genres and period and by the graph's vectors in the kernel."""

    graph = vectors = True
    column = "gaussian_process_vectors"

    def compute(self, known: QueryPositions) -> Columns:
        """Posterior mean of each query; no column without vectors."""
        return super().compute(known) if self.dataset.vectors is not None else {}
