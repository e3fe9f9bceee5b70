"""How far the trees have been off with each user so far: a running mean of their errors, which moves what is said next.

Features say what the past of all users teaches. What a user rates above or below all that is mostly the same in the
next rating, so the errors of earlier ones, known by then, are part of the history too.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.schema import MAX_RATING, MIN_RATING
from kgrec_gds.train.trees import Trees
from kgrec_gds.windows.biases import Queries
from kgrec_gds.windows.features import FeatureIndex
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
        running = self._whole if self.index.knows_events else self._of(np.unique(queries.user_index))
        rank = self.index.log.clock.rank(queries.at)
        position = running.grouped.before(queries.user_index, rank)
        return at(running.mean, position).astype(np.float32)

    @cached_property
    def _whole(self) -> _Running:
        return self._of(None)

    def _of(self, users: NDArray[np.integer] | None) -> _Running:
        """Of some users' events; of all where None."""
        log = self.index.log
        ratings = log.dataset.ratings
        wanted = np.isin(ratings.user_index, users) if users is not None else np.ones(len(ratings), bool)
        rows = np.flatnonzero(wanted)
        grouped = Grouped.by(ratings.user_index[rows], log.rank[rows], log.clock)
        if not len(rows):
            return _Running(grouped, np.zeros(0))
        table = self.index.of_events(rows) if users is not None else self.index.events
        rest = self.trees.residual(table.values, table.names)
        said = np.clip(table.column("bias") + rest, MIN_RATING, MAX_RATING)
        keep = self.settings.keep
        total = grouped.decayed(exact(ratings.rating[rows] - said), keep)
        count = grouped.decayed(np.ones(len(rows)), keep)
        return _Running(grouped, total / (count + self.settings.shrinkage))
