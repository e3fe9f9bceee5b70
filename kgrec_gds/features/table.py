"""The feature table of queries: named columns, each from what was known strictly before `known_until`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.grouping import run_begins
from kgrec_gds.data.query import Queries
from kgrec_gds.data.rating_log import QueryPositions, RatingLog
from kgrec_gds.errors import InputError
from kgrec_gds.features.block import Block, Columns, Side
from kgrec_gds.features.blocks import BLOCKS
from kgrec_gds.threads import one_blas_thread

#: Queries computed at once, some kilobytes each; a question about a whole catalogue of this size takes one part.
_QUERIES_A_PART = 1 << 19


@dataclass(frozen=True)
class FeatureTable:
    """Named columns."""

    names: tuple[str, ...]
    values: NDArray[np.float32]
    """Shape (queries, features); no NaN."""

    def column(self, name: str) -> NDArray[np.float32]:
        """One column."""
        return self.values[:, self.names.index(name)]

    @classmethod
    def of(cls, columns: Columns, rows: int) -> "FeatureTable":
        """Columns of shape (rows,) side by side."""
        values = np.array(list(columns.values()), np.float32).reshape(len(columns), rows)
        return cls(tuple(columns), np.ascontiguousarray(values.T))


@dataclass(frozen=True)
class _Keys:
    """Distinct keys of queries, the key of each query, and the columns computed so far, by block."""

    known: QueryPositions
    row: NDArray[np.integer] | slice
    columns: dict[type[Block], Columns] = field(default_factory=dict)

    def compute(self, block: Block) -> Columns:
        """A block's columns, shape (queries,), computed once for each key."""
        if type(block) not in self.columns:
            self.columns[type(block)] = block.compute(self.known)
        return {name: values[self.row] for name, values in self.columns[type(block)].items()}


class Features:
    """The columns that a data set gives; get it by `dataset.derive(Features)`."""

    def __init__(self, dataset: Dataset, blocks: Sequence[type[Block]] | None = None) -> None:
        self._dataset, self._log = dataset, dataset.derive(RatingLog)
        self.blocks = tuple(block(dataset) for block in (BLOCKS if blocks is None else blocks))
        self._catalogue: tuple[tuple[int, int], _Keys] | None = None

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All columns, in the order of the table."""
        names = tuple(name for block in self.blocks for name in block.columns)
        if doubled := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(
                f"Two feature blocks compute columns of one name: {', '.join(doubled)}; rename one."
            )
        return names

    def select(
        self, *, graph: bool = True, vectors: bool = True, online_only: bool = False
    ) -> tuple[str, ...]:
        """Names of columns: with those that need the graph or its vectors, or only those computed at question time."""
        return tuple(
            name
            for block in self.blocks
            if (graph or not block.graph)
            and (vectors or not block.vectors)
            and (block.online or not online_only)
            for name in block.columns
        )

    def table(self, queries: Queries, columns: Sequence[str] | None = None) -> FeatureTable:
        """Named columns (by default all) of each query; only the blocks that these need are computed.

        Memory beside the table itself is bounded: a part of the queries is computed at a time.

        Raises:
            InputError: a column that this data set does not give.
        """
        wanted = self.names if columns is None else tuple(columns)
        if missing := [name for name in wanted if name not in self.names]:
            raise InputError(
                f"The graph does not give the features {', '.join(missing[:5])}, which the model reads; train it again."
            )
        values = np.empty((len(queries), len(wanted)), np.float32)
        for begin in range(0, len(queries), _QUERIES_A_PART):
            part = slice(begin, begin + _QUERIES_A_PART)
            found = self._compute(queries.take(part), wanted)
            for number, name in enumerate(wanted):
                values[part, number] = found[name]
        return FeatureTable(wanted, values)

    def _compute(self, queries: Queries, wanted: Sequence[str]) -> Columns:
        """Columns of the blocks that these need, shape (queries,)."""
        keys: dict[tuple[Side, ...], _Keys] = {}
        found: Columns = {}
        with one_blas_thread():
            for block in self.blocks:
                if set(block.columns).isdisjoint(wanted):
                    continue
                if block.depends_on not in keys:
                    keys[block.depends_on] = self._keys(queries, block.depends_on)
                found |= keys[block.depends_on].compute(block)
        return found

    def _keys(self, queries: Queries, depends_on: tuple[Side, ...]) -> _Keys:
        """Keys of queries: both times, and the sides that a block depends on."""
        if depends_on == ("movie",) and (catalogue := self._whole_catalogue(queries)):
            return catalogue
        if depends_on == ("user", "movie"):
            return _Keys(QueryPositions(self._log, queries), slice(None))
        key = [queries.known_until, queries.at, *(getattr(queries, f"{side}_index") for side in depends_on)]
        order = np.lexsort([part for part in key if (part != part[:1]).any()] or key[:1])
        new = run_begins(*(part[order] for part in key))
        row = np.empty(len(order), np.int64)
        row[order] = np.cumsum(new) - 1
        return _Keys(QueryPositions(self._log, queries.take(order[new])), row)

    def _whole_catalogue(self, queries: Queries) -> _Keys | None:
        """Keys of all movies at one time, kept for the next user; None where queries need no such thing."""
        if not len(queries) or any((time != time[0]).any() for time in (queries.known_until, queries.at)):
            return None
        times = int(queries.known_until[0]), int(queries.at[0])
        kept = self._catalogue
        if kept is None or kept[0] != times:
            movies = np.arange(len(self._dataset.movies), dtype=np.int32)
            if 2 * len(queries) < len(movies):
                return None
            everything = Queries.at_time(np.zeros_like(movies), movies, times[0], times[1] - times[0])
            kept = self._catalogue = times, _Keys(QueryPositions(self._log, everything), movies)
        return _Keys(kept[1].known, queries.movie_index, kept[1].columns)
