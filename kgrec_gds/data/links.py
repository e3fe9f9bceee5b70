"""Links from movies to their entities (people, genres), listed for the movie of each of many rows."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Relation
from kgrec_gds.data.grouping import in_ranges


@dataclass(frozen=True)
class Links:
    """One (row, entity) for every link of each row's movie, rows ascending; arrays of shape (links,)."""

    row: NDArray[np.int64]
    entity: NDArray[np.int32]
    rows: int

    @classmethod
    def of(cls, relation: Relation, movie_index: NDArray[np.integer]) -> "Links":
        """The links of the movie of each row."""
        row, place = in_ranges(relation.indptr[movie_index], np.diff(relation.indptr)[movie_index])
        return cls(row, relation.indices[place], len(movie_index))

    @cached_property
    def count(self) -> NDArray[np.int64]:
        """Number of links of each row, shape (rows,)."""
        return np.bincount(self.row, minlength=self.rows)

    def total(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Sum of the links' values by row; 0 without links."""
        return np.bincount(self.row, values, self.rows).astype(np.float64)

    def mean(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Mean of the links' values by row; 0 without links."""
        return self.total(values) / np.maximum(self.count, 1)
