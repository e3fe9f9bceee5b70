"""How far the trees have been off with each user so far: a running mean of their errors, which moves what is said next.

Features say what the past of all users teaches. What a user rates above or below all that is mostly the same in the
next rating, so the errors of earlier ones, known by then, are part of the history too.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.train.trees import Trees
from kgrec_gds.windows.biases import Queries
from kgrec_gds.windows.features import FeatureIndex, FeatureTable
from kgrec_gds.windows.grouping import Grouped, at, exact


@dataclass(frozen=True)
class OwnErrorSettings:
    """Chosen on validation events; `docs/model.md` has the figures."""

    keep: float = 0.99
    """What an error counts for after each further rating of the user."""
    shrinkage: float = 75.0
    """Added to the count of a user's errors: who has few is hardly moved."""


@dataclass(frozen=True)
class _Running:
    """Mean error after each of some events."""

    grouped: Grouped
    mean: NDArray[np.float64]
    """By position in `grouped`."""


class OwnErrors:
    """Errors of fitted trees on a log.

    Args:
        trees: fitted.
        index: of the log.
        settings: see `OwnErrorSettings`.
    """

    def __init__(self, trees: Trees, index: FeatureIndex, settings: OwnErrorSettings) -> None:
        self.trees, self.index, self.settings = trees, index, settings

    def before(self, queries: Queries) -> NDArray[np.float32]:
        """Shrunken mean error (rating minus prediction) with each query's user, of ratings strictly before it.

        0 where there is none; shape (queries,).
        """
        running = self._whole if self.index.knows_events else self._of_users(queries.user_index)
        rank = self.index.log.clock.rank(queries.at)
        position = running.grouped.before(queries.user_index, rank)
        return at(running.mean, position).astype(np.float32)

    @cached_property
    def _whole(self) -> _Running:
        return self._over(np.arange(len(self.index.dataset.ratings)), self.index.events)

    def _of_users(self, users: NDArray[np.integer]) -> _Running:
        rows = np.flatnonzero(np.isin(self.index.dataset.ratings.user_index, users))
        return self._over(rows, self.index.of_events(rows))

    def _over(self, rows: NDArray[np.int64], table: FeatureTable) -> _Running:
        """After each of some events, whose features are at hand."""
        log, ratings, keep = self.index.log, self.index.dataset.ratings.take(rows), self.settings.keep
        error = ratings.rating - self.trees.ratings(table.column("bias"), table.values, table.names)
        grouped = Grouped.by(ratings.user_index, log.rank[rows], log.clock)
        total = grouped.decayed(exact(error), keep)
        count = grouped.decayed(np.ones(len(rows)), keep)
        return _Running(grouped, total / (count + self.settings.shrinkage))
