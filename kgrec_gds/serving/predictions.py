"""Predicted ratings with their rank, score, reasons and attention, as columns."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.errors import ModelRunError
from kgrec_gds.models.base import Attention, RatingModel
from kgrec_gds.ranking.reasons import Reasons
from kgrec_gds.ranking.shared_people import SharedPeople


@dataclass(frozen=True)
class ScoreParts:
    """What one ranking score is made of, by keys of the graph; the parts sum to the score."""

    movies: list[str]
    """tconst of the liked movies that add most, largest first."""
    movie_parts: list[float]
    people: list[str]
    """nconst of the shared people that add most, largest first."""
    people_parts: list[float]
    popularity: float
    other: float
    """What all other liked movies and shared people add."""

    @classmethod
    def of(cls, reasons: Reasons, dataset: Dataset) -> "ScoreParts":
        """Reasons with the keys of their movies and people."""
        nconst, tconst = dataset.derive(SharedPeople.of).nconst, dataset.movies.tconst
        return cls(
            movies=[str(tconst[movie]) for movie, _ in reasons.movies],
            movie_parts=[part for _, part in reasons.movies],
            people=[str(nconst[person]) for person, _ in reasons.people],
            people_parts=[part for _, part in reasons.people],
            popularity=reasons.popularity,
            other=reasons.other,
        )


#: Fields of `ScoreParts`, in order, by the property that holds each.
PART_PROPERTIES = {
    "reasonMovies": "movies",
    "reasonMovieParts": "movie_parts",
    "reasonPeople": "people",
    "reasonPeopleParts": "people_parts",
    "popularityPart": "popularity",
    "otherPart": "other",
}


@dataclass(frozen=True)
class Predictions:
    """One prediction a row; all arrays have that length."""

    user_ids: NDArray[np.object_]
    tconsts: NDArray[np.object_]
    rating: NDArray[np.float32]
    """Predicted rating, 1-10."""
    rank: NDArray[np.int32]
    """1, 2, … among the user's recommendations; 0 for a prediction of a given rating."""
    score: NDArray[np.float64]
    """Ranking score of a recommendation; NaN for a prediction of a given rating."""
    parts: NDArray[np.object_]
    """`ScoreParts` of a recommendation; None for a prediction of a given rating."""
    attention_movies: NDArray[np.object_]
    """tconst, shape (predictions, window), the latest rating last; empty strings where there is no step."""
    attention_weights: NDArray[np.float32]
    """Shape (predictions, window); a row sums to 1, or to 0 without history. The window is 0 without attention."""

    @classmethod
    def of(
        cls, dataset: Dataset, queries: Queries, rating: NDArray[np.float32], attention: Attention | None
    ) -> "Predictions":
        """What a model predicted for some queries.

        Raises:
            ModelRunError: a prediction that is not a finite number.
        """
        if not np.isfinite(rating).all():
            raise ModelRunError(
                f"The model predicts {rating[~np.isfinite(rating)][0]} for {(~np.isfinite(rating)).sum():,} of "
                f"{len(rating):,} ratings; expected finite numbers. Its files may be damaged; train again."
            )
        count, tconst = len(queries), dataset.movies.tconst
        if attention is None:
            attention = Attention(np.zeros((count, 0), np.int32), np.zeros((count, 0), np.float32))
        return cls(
            user_ids=dataset.user_ids[queries.user_index],
            tconsts=tconst[queries.movie_index],
            rating=rating,
            rank=np.zeros(count, np.int32),
            score=np.full(count, np.nan),
            parts=np.full(count, None, object),
            attention_movies=tconst[attention.movie_index],
            attention_weights=attention.weights,
        )

    @classmethod
    def concatenate(cls, parts: Sequence["Predictions"]) -> "Predictions":
        """The predictions of one model, one part after the other."""
        filled = [part for part in parts if len(part)] or list(parts[:1])
        return cls(*(np.concatenate([getattr(part, name) for part in filled]) for name in vars(parts[0])))

    def take(self, rows: NDArray[np.integer] | slice) -> "Predictions":
        """The chosen rows, in the order given."""
        return Predictions(*(column[rows] for column in vars(self).values()))

    def attention_of(self, row: int) -> tuple[list[str], list[float]]:
        """Movies and weights of one prediction, oldest first."""
        there = self.attention_movies[row] != ""
        return self.attention_movies[row][there].tolist(), self.attention_weights[row][there].tolist()

    def __len__(self) -> int:
        return len(self.tconsts)


def predict_queries(model: RatingModel, dataset: Dataset, queries: Queries) -> Predictions:
    """Predict queries, with the attention of the same forward pass where the model has attention."""
    if not len(queries):
        return Predictions.of(dataset, queries, np.zeros(0, np.float32), None)
    return Predictions.of(dataset, queries, *model.predict_with_attention(dataset, queries))
