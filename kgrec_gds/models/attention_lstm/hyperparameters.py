"""Hyperparameters of the attention-LSTM and of its training."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from kgrec_gds.errors import InputError


@dataclass(frozen=True)
class Hyperparameters:
    """How an attention-LSTM is built and trained; unknown names are refused."""

    use_vectors: bool = True
    """Read knowledge-graph vectors of movies, people and genres."""
    use_graph_features: bool = True
    """Read the feature columns that need the knowledge graph."""
    use_attention: bool = True
    """Read the attention's context."""
    use_lstm: bool = True
    """Read the recurrent state."""

    id_size: int = 8
    """Size of a movie's own embedding."""
    vector_size: int = 16
    """Size to which knowledge-graph vectors are projected."""
    lstm_units: int = 64
    """Units of the LSTM, and of the dense layer before it."""
    key_size: int = 32
    """Size of the shared projection in which attention compares movies."""
    attention_steps: int = 32
    """How many of the latest visible steps can be attended to."""
    hidden: tuple[int, ...] = (64, 32)
    """Dense layers of the head."""
    bins: int = 8
    """Bins of the piecewise-linear encoding of a feature."""
    min_ratings: int = 5
    """A movie with fewer training ratings has no embedding of its own."""

    block: int = 64
    """Ratings of one user that a row of a batch covers."""
    burn_in: int = 32
    """Ratings before them that only warm up the recurrent state."""

    id_dropout: float = 0.5
    """Share of movies that lose their own embedding in a training step, as a new movie has none."""
    input_dropout: float = 0.3
    """Dropout of the head's input."""
    hidden_dropout: float = 0.2
    """Dropout of the head's hidden layers."""
    step_dropout: float = 0.2
    """Dropout of the LSTM's input."""

    epochs: int = 6
    """Epochs of the learning rate's cosine; validation chooses at which one to stop."""
    most_ratings: int = 250_000
    """Most ratings of an epoch, and of validation; of more, an epoch reads those of users drawn at random."""
    batch_queries: int = 512
    """Queries in a batch, about."""
    learning_rate: float = 1e-3
    """AdamW's learning rate, at the beginning of the cosine."""
    weight_decay: float = 1e-2
    """AdamW's decoupled weight decay."""
    clip_norm: float = 1.0
    """Global norm to which gradients are clipped."""
    patience: int = 3
    """Epochs without a lower validation error before training stops."""

    def __post_init__(self) -> None:
        positive = ("id_size", "vector_size", "lstm_units", "key_size", "attention_steps", "bins", "block")
        for name in (*positive, "epochs", "most_ratings", "batch_queries", "learning_rate", "clip_norm"):
            if getattr(self, name) <= 0:
                raise InputError(f"Invalid {name} {getattr(self, name)}; expected a number above 0.")
        for name in ("id_dropout", "input_dropout", "hidden_dropout", "step_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise InputError(f"Invalid {name} {getattr(self, name)}; expected a share in [0, 1).")

    @classmethod
    def of(cls, **values: Any) -> "Hyperparameters":
        """The defaults with some values changed; lists, as JSON has them, become tuples.

        Raises:
            InputError: an unknown name, or a value outside its range.
        """
        known = [field.name for field in dataclasses.fields(cls)]
        if unknown := sorted(set(values) - set(known)):
            raise InputError(
                f"Unknown hyperparameter {', '.join(unknown)}; expected some of {', '.join(known)}."
            )
        changes: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
        }
        return cls(**changes)

    def as_dict(self) -> dict[str, Any]:
        """All values, ready for JSON."""
        return dataclasses.asdict(self)


#: Parts of the network that an ablation leaves out, by name.
ABLATIONS: dict[str, dict[str, Any]] = {
    "no_vectors": {"use_vectors": False},
    "no_graph_features": {"use_graph_features": False},
    "no_graph": {"use_vectors": False, "use_graph_features": False},
    "no_attention": {"use_attention": False},
    "no_lstm": {"use_lstm": False},
}
