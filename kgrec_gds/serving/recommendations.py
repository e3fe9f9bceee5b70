"""What a recommendation is, whether read from the graph or made now. Imports neither numpy nor a model."""

from dataclasses import dataclass
from typing import Literal

from kgrec_gds.errors import InputError

Order = Literal["relevance", "rating"]
"""By ranking score, or by predicted rating."""


@dataclass(frozen=True)
class Attended:
    """A past movie that a prediction attends to."""

    tconst: str
    title: str | None
    weight: float
    """Weights of one prediction sum to 1."""


@dataclass(frozen=True)
class ScoreReason:
    """What a liked movie or a shared person adds to the score of a recommendation."""

    kind: Literal["liked_movie", "shared_person"]
    key: str
    """tconst or nconst."""
    name: str | None
    """Title or name."""
    part: float


@dataclass(frozen=True)
class Recommendation:
    """One recommended movie."""

    rank: int
    tconst: str
    title: str | None
    year: int | None
    ratings: int
    """Number of ratings of the movie."""
    predicted_rating: float
    score: float
    """Ranking score; the parts of the reasons, `popularity` and `other` sum to it."""
    reasons: list[ScoreReason]
    """The liked movies, then the shared people, that add most."""
    popularity: float
    """What the movie's popularity adds to the score."""
    other: float
    """What all other liked movies and shared people add."""
    attention: list[Attended]
    """The three past movies with the largest weights, largest first; empty for a model without attention."""


@dataclass(frozen=True)
class Recommendations:
    """The best unseen movies of one user."""

    user: str
    source: Literal["graph", "procedure", "model"]
    """`graph`: written by `predict`; `procedure`: made now in the database; `model`: made now by the loaded model."""
    model_id: str
    predicted_at: int
    """Epoch seconds, UTC."""
    recommendations: list[Recommendation]
    note: str | None
    """What is missing or should be known, if anything."""
    seconds: dict[str, float]


def without_attention(model_id: str) -> str:
    """Say that a model has no attention."""
    return f"Model {model_id} has no attention, so it does not say which past movies its predictions rest on."


def no_movie_left(user: str | None = None) -> InputError:
    """No movie meets the conditions of a request, or the user has rated all that do."""
    found = "No movie meets all the conditions"
    if user is not None:
        found = f"User {user} has rated every movie that meets the conditions"
    return InputError(f"{found}; loosen one of them.")


def unknown_user(user: str) -> InputError:
    """The graph has no such user."""
    return InputError(
        f"The graph has no user {user!r}. A first rating adds one: kgrec-gds rate {user} TCONST RATING."
    )
