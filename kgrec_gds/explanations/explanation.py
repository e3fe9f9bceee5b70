"""What an explanation is. Imports neither numpy nor a model."""

from dataclasses import dataclass
from typing import Literal

from kgrec_gds.serving.recommendations import Attended, ScoreReason


@dataclass(frozen=True)
class AttendedStep(Attended):
    """An attended movie with the user's rating of it."""

    rating: float | None
    """None if that rating was changed since."""
    rated_at: int | None
    """Epoch seconds, UTC."""


@dataclass(frozen=True)
class PathNode:
    """A node of a path."""

    label: str
    """`Movie`, `Person` or `Genre`."""
    key: str
    """tconst, nconst or the genre's name."""
    name: str | None


@dataclass(frozen=True)
class GraphPath:
    """A path through the graph from a past movie to the predicted one."""

    nodes: list[PathNode]
    relationships: list[str]
    """Types of the relationships between them, one fewer than nodes."""
    score: float
    """Attention weight of the past movie times the rarity of what is shared."""


@dataclass(frozen=True)
class Contributions:
    """What parts of the input contribute to one prediction, each found by predicting again without it.

    They need not sum to the rating: parts that carry the same information stand in for each other.
    """

    averages: float
    """The baseline estimate: the mean plus the deviations of user and movie."""
    history: float
    """What the user's ratings add beyond the user's average."""
    attended: float | None
    """What the ratings of the three most attended movies add; None for a model without attention."""
    graph: float
    """What vectors, people and genres add."""


@dataclass(frozen=True)
class LeftOut:
    """A rating of the user that a counterfactual leaves out."""

    tconst: str
    title: str | None
    rating: float


@dataclass(frozen=True)
class Counterfactual:
    """What the movie's rank and predicted rating would be without some of the user's ratings, found by asking again."""

    effect: str
    """`leavesTopK`: the movie would not be recommended; `movesRating`: the predicted rating changes most."""
    left_out: list[LeftOut]
    rank: int | None
    rating: float | None


@dataclass(frozen=True)
class RankingParts:
    """Where the movie ranks for the user, and the parts of its score, which sum to it."""

    rank: int | None
    score: float
    reasons: list[ScoreReason]
    """The liked movies, then the shared people, that add most."""
    popularity: float
    other: float
    """What all other liked movies and shared people add."""
    counterfactuals: list[Counterfactual]


@dataclass(frozen=True)
class Explanation:
    """Why a rating is predicted."""

    user: str
    movie: str
    """tconst."""
    title: str | None
    year: int | None
    rating: float
    """Predicted rating, 1-10."""
    given: float | None
    """The user's rating of the movie, if there is one."""
    attention: list[AttendedStep]
    """Oldest first; empty for a model without attention."""
    paths: list[GraphPath]
    """Largest score first."""
    contributions: Contributions | None
    """None if no model was loaded."""
    ranking: RankingParts | None
    """None unless the database's procedure explained it: an unrated movie, where the plugin serves the model run."""
    note: str | None
    """What is missing and why."""
    model_id: str
    source: Literal["graph", "procedure", "model"]
    """`graph`: rating and attention were written by `predict`; `procedure`: made now in the database; `model`: made now by the
    loaded model."""
    seconds: dict[str, float]
