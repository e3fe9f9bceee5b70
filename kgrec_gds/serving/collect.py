"""Rows of predictions being gathered, and attention tensors turned into movies and weights."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.serving.predictions import Predictions


@dataclass
class Collected:
    """Growing columns; `finish` makes them `Predictions`."""

    user_ids: list[str] = field(default_factory=list)
    tconsts: list[str] = field(default_factory=list)
    rating: list[float] = field(default_factory=list)
    rank: list[int] = field(default_factory=list)
    movies: list[list[str]] = field(default_factory=list)
    weights: list[NDArray[np.float32]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def add(
        self,
        user_id: str,
        tconst: str,
        rating: float,
        attended: tuple[list[str], NDArray[np.float32]],
        rank: int = 0,
    ) -> None:
        """One prediction with what it attended to."""
        self.user_ids.append(user_id)
        self.tconsts.append(tconst)
        self.rating.append(rating)
        self.rank.append(rank)
        self.movies.append(attended[0])
        self.weights.append(attended[1])
        self.reasons.append("")

    def impossible(self, user_id: str, tconst: str, reason: str) -> None:
        """A prediction that cannot be made."""
        self.add(user_id, tconst, float("nan"), ([], np.zeros(0, np.float32)))
        self.reasons[-1] = reason

    def finish(self) -> Predictions:
        """The columns."""
        return Predictions(
            user_ids=self.user_ids,
            tconsts=self.tconsts,
            rating=np.array(self.rating, np.float32),
            rank=np.array(self.rank, np.int32),
            attention_movies=self.movies,
            attention_weights=self.weights,
            was_impossible=np.array([bool(reason) for reason in self.reasons]),
            reasons=self.reasons,
        )


def attended(
    tconst: NDArray[np.object_],
    movies: NDArray[np.int32],
    weights: NDArray[np.float32],
    visible: int,
    window: int,
) -> tuple[list[str], NDArray[np.float32]]:
    """Movies and weights of one prediction, oldest first.

    Args:
        tconst: by movie_index.
        movies: (s,) steps of its row.
        weights: (s,) its attention, summing to 1 over the steps it sees.
        visible: number of steps it may see.
        window: of those, how many latest it can attend.
    """
    begin = max(visible - window, 0)
    return list(tconst[movies[begin:visible]]), weights[begin:visible].astype(np.float32)
