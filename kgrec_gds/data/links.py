"""Links from movies to their entities (people, genres), listed for the movie of each of many rows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Facts


@dataclass(frozen=True)
class Links:
    """One (row, entity) for every link of each row's movie, rows ascending."""

    row: NDArray[np.int64]
    """Shape (links,)."""
    entity: NDArray[np.int32]
    """Shape (links,)."""
    rows: int

    @classmethod
    def of(cls, relation: Facts, movie_index: NDArray[np.integer]) -> "Links":
        """The links of the movie of each row."""
        lengths = np.diff(relation.indptr)[movie_index]
        row = np.repeat(np.arange(len(movie_index)), lengths)
        within = np.arange(len(row)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return cls(row, relation.indices[relation.indptr[movie_index][row] + within], len(movie_index))

    @property
    def count(self) -> NDArray[np.int64]:
        """Number of links of each row, shape (rows,)."""
        return np.bincount(self.row, minlength=self.rows)

    def total(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum of the links' values by row; 0 without links."""
        return np.bincount(self.row, values, self.rows).astype(np.float64)
