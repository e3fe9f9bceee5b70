"""How far the trees have been off with each user so far: a running mean of their errors, which moves what is said next.

Features say what the past of all users teaches. What a user rates above or below all that is mostly the same in the
next rating, so the errors of earlier ones, known by then, are part of the history too.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.train.held_out import HeldOut, best_part
from kgrec_gds.train.trees import Trees
from kgrec_gds.windows.biases import Queries
from kgrec_gds.windows.features import FeatureIndex, FeatureTable
from kgrec_gds.windows.grouping import Grouped, at, exact
from kgrec_gds.windows.log import RatingLog
from kgrec_gds.windows.splits import Split


@dataclass(frozen=True)
class OwnErrorSettings:
    """Chosen on validation events; `docs/model.md` has the figures."""

    keep: float = 0.99
    """What an error counts for after each further rating of the user."""
    shrinkage: float = 75.0
    """Added to the count of a user's errors: who has few is hardly moved."""


@dataclass(frozen=True)
class Running:
    """Shrunken mean error of each user after each of some events."""

    log: RatingLog
    grouped: Grouped
    mean: NDArray[np.float64]
    """By position in `grouped`."""

    @classmethod
    def over(
        cls, log: RatingLog, rows: NDArray[np.integer], error: NDArray[np.float32], settings: OwnErrorSettings
    ) -> "Running":
        """Of event rows, ascending, and their errors (rating minus prediction)."""
        users, keep = log.dataset.ratings.user_index[rows], settings.keep
        grouped = Grouped.by(users, log.rank[rows], log.clock)
        total = grouped.decayed(exact(error), keep)
        count = grouped.decayed(np.ones(len(rows)), keep)
        return cls(log, grouped, total / (count + settings.shrinkage))

    def before(self, queries: Queries) -> NDArray[np.float32]:
        """The mean of each query's user strictly before it, 0 where there is none; shape (queries,)."""
        position = self.grouped.before(queries.user_index, self.log.clock.rank(queries.at))
        return at(self.mean, position).astype(np.float32)


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
        """As `Running.before`, of the trees."""
        running = self._whole if self.index.knows_events else self._of_users(queries.user_index)
        return running.before(queries)

    @cached_property
    def _whole(self) -> Running:
        return self._over(np.arange(len(self.index.dataset.ratings)), self.index.events)

    def _of_users(self, users: NDArray[np.integer]) -> Running:
        rows = np.flatnonzero(np.isin(self.index.dataset.ratings.user_index, users))
        return self._over(rows, self.index.of_events(rows))

    def _over(self, rows: NDArray[np.int64], table: FeatureTable) -> Running:
        """After each of some events, whose features are at hand."""
        said = self.trees.ratings(table.column("bias"), table.values, table.names)
        error = self.index.dataset.ratings.rating[rows] - said
        return Running.over(self.index.log, rows, error, self.settings)


def worth(
    log: RatingLog, split: Split, first_errors: NDArray[np.float32], held: HeldOut, settings: OwnErrorSettings
) -> float:
    """How much of them helps on the validation events, between 0 and 1; 1 where no one has any.

    Args:
        log: of the data set.
        split: which events are whose.
        first_errors: of trees that did not see the validation events, by event of train and validation together.
        held: what is to be moved said of the validation events.
        settings: see `OwnErrorSettings`.
    """
    running = Running.over(log, np.union1d(split.train, split.validation), first_errors, settings)
    moved = running.before(Queries.of(log.dataset.ratings).take(split.validation))
    return best_part(moved, held.error, held.weight, otherwise=1.0)
