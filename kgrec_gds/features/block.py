"""The base class of feature blocks: columns that are computed together and declared together."""

from abc import ABC, abstractmethod
from dataclasses import replace
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.data.rating_log import QueryPositions, RatingLog

Columns = dict[str, NDArray[np.float64]]
Side = Literal["user", "movie"]


class Block(ABC):
    """Columns that are computed together, from ratings strictly before `known_until` of each query.

    A subclass declares what its columns depend on and what they need, and computes them. The table does the rest:
    a block that depends on the user alone is computed once for each user and time, one that depends on the movie alone
    once for each movie and time.
    """

    depends_on: ClassVar[tuple[Side, ...]] = ("user", "movie")
    """The sides of a query that the columns depend on; its two times always count."""
    graph: ClassVar[bool] = False
    """Whether the columns need the knowledge graph: people, genres beyond their labels, or its vectors."""
    vectors: ClassVar[bool] = False
    """Whether they need the graph's vectors."""
    online: ClassVar[bool] = True
    """Whether they can be computed at question time from the user's own history and per-movie statistics."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.log = dataset.derive(RatingLog)

    @abstractmethod
    def compute(self, known: QueryPositions) -> Columns:
        """Columns by name, each of shape (queries,) and finite; none where the data set lacks what they need.

        The names must not depend on the ratings.
        """

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, found by computing none of their values on the same catalogue without ratings."""
        bare = self.dataset.derive(_without_ratings)
        nobody = np.zeros(0, np.int32)
        return tuple(
            type(self)(bare).compute(
                QueryPositions(bare.derive(RatingLog), Queries.at_time(nobody, nobody, 0))
            )
        )


def _without_ratings(dataset: Dataset) -> Dataset:
    return replace(dataset, ratings=dataset.ratings.take(np.zeros(0, np.int64)))
