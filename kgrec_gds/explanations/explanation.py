"""What an explanation is. Light: no arrays, no model."""

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class AttendedStep:
    """A past movie of the user that a prediction attended to."""

    tconst: str
    title: str | None
    weight: float
    """Weights of one prediction sum to 1."""
    rating: float | None
    """What the user gave it; None where that rating is gone since."""
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
class Path:
    """A way through the graph from an attended movie to the predicted one."""

    nodes: list[PathNode]
    relationships: list[str]
    """Types of the steps between them, one less than there are nodes."""
    score: float
    """Attention on the past movie times the rarity of what is shared."""


@dataclass(frozen=True)
class Contributions:
    """What the parts of the input are worth to one prediction, each found by leaving it out.

    They need not sum to the rating: parts that say the same make up for each other.
    """

    averages: float
    """Mean plus what the user and the movie deviate from it: the prediction without model."""
    history: float
    """What the user's ratings add beyond their averages."""
    graph: float
    """What vectors, people and genres add."""


@dataclass(frozen=True)
class Explanation:
    """Why a rating was predicted."""

    user: str
    movie: str
    """tconst."""
    title: str | None
    year: int | None
    rating: float
    """As predicted, 1-10."""
    given: float | None
    """The rating that the user gave the movie, if any."""
    attention: list[AttendedStep]
    """Oldest first."""
    paths: list[Path]
    """Heaviest first."""
    contributions: Contributions | None
    """None where only the graph was asked."""
    note: str | None
    """What is missing, and why."""
    model_id: str
    source: Literal["graph", "model"]
    """Where rating and attention come from: as `predict` wrote them, or scored now."""
    seconds: dict[str, float]

    @property
    def as_json(self) -> dict[str, Any]:
        """The plain form that `--json` prints."""
        parts = self.contributions
        return {
            "user": self.user,
            "movie": self.movie,
            "rating": self.rating,
            "attention": [
                {"tconst": step.tconst, "weight": step.weight, "rating": step.rating}
                for step in self.attention
            ],
            "paths": [
                {
                    "nodes": [{"label": node.label, "key": node.key} for node in path.nodes],
                    "relationships": path.relationships,
                }
                for path in self.paths
            ],
            "contributions": vars(parts) if parts else None,
            "note": self.note,
            "model_id": self.model_id,
            "source": self.source,
            "seconds": self.seconds,
        }
