"""What a recommendation is, wherever it comes from. Light: no arrays, no model."""

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Attended:
    """A past movie that a prediction attended to."""

    tconst: str
    title: str | None
    weight: float


@dataclass(frozen=True)
class Recommendation:
    """One recommended movie."""

    rank: int
    tconst: str
    title: str | None
    year: int | None
    predicted_rating: float
    attention: list[Attended]
    """The three past movies with the largest weights, largest first."""


@dataclass(frozen=True)
class Recommendations:
    """The best unseen movies of one user."""

    user: str
    source: Literal["graph", "model"]
    """`graph`: as `predict` wrote them; `model`: scored now."""
    model_id: str
    predicted_at: int
    """Epoch seconds, UTC."""
    recommendations: list[Recommendation]
    seconds: dict[str, float]

    @property
    def as_frame(self) -> Any:
        """The recommendations as a pandas frame, one row a movie."""
        import pandas as pd

        return pd.DataFrame([vars(row) for row in self.recommendations])
