"""The ids that a fitted model has parameters for, so that it can be used on a later state of the graph."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Vocabulary:
    """Known ids; the parameters of `ids[i]` stand in row i + 1, and row 0 is shared by all other ids."""

    ids: NDArray[np.str_]
    """Distinct and ascending, shape (known,)."""

    @classmethod
    def of(cls, ids: NDArray[np.object_], index: NDArray[np.integer]) -> "Vocabulary":
        """The ids that occur among `ids[index]`."""
        return cls(np.unique(ids[np.unique(index)].astype(str)))

    def rows(self, ids: NDArray[np.object_], index: NDArray[np.integer]) -> NDArray[np.int32]:
        """Row of each `ids[index]`, 0 where the id is unknown; the shape of `index`."""
        wanted, inverse = np.unique(index.ravel(), return_inverse=True)
        names = ids[wanted].astype(str)
        place = np.searchsorted(self.ids, names)
        known = self.ids[np.minimum(place, len(self.ids) - 1)] == names
        return np.where(known, place + 1, 0).astype(np.int32)[inverse].reshape(index.shape)

    def __len__(self) -> int:
        """Number of rows, row 0 included."""
        return len(self.ids) + 1
