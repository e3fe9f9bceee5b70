"""Settings of the network and of its training, as frozen values with named presets."""

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

from kgrec_gds.errors import InputError

Preset = Literal["default", "paper"]


@dataclass(frozen=True)
class Settings:
    """All that decides how an attention-LSTM is built and fitted."""

    name: str = "attention_lstm"
    """Name in reports and in the run folder."""

    use_vectors: bool = True
    """Knowledge-graph vectors of movies, people and genres enter the item's representation."""
    use_graph_features: bool = True
    """Features that need the knowledge graph are among the tabular features."""
    use_attention: bool = True
    """The head sees the attention's context."""
    use_lstm: bool = True
    """The head sees the recurrent state."""

    members: int = 3
    """Networks that are fitted side by side, their mean being the prediction."""
    id_size: int = 8
    """Size of a movie's own embedding."""
    vector_size: int = 16
    """Size to which knowledge-graph vectors are projected."""
    lstm_units: int = 64
    """Units of the LSTM, and of the dense layer before it."""
    key_size: int = 32
    """Size of the shared projection in which attention compares movies."""
    attention: Literal["cosine", "additive"] = "cosine"
    """How a candidate is compared with a step of the history."""
    attention_steps: int = 32
    """Only this many latest visible steps can be attended."""
    hidden: tuple[int, ...] = (64, 32)
    """Dense layers of the head."""
    bins: int = 8
    """Bins of the piecewise-linear encoding of a feature."""
    min_ratings: int = 5
    """A movie with fewer training ratings has no embedding of its own: it is "unknown"."""

    chunk: int = 64
    """Events of one user that a row of a batch predicts."""
    burn_in: int = 32
    """Events before them that only bring the recurrent state up."""

    id_dropout: float = 0.5
    """Share of movies treated as unknown in a training step."""
    input_dropout: float = 0.3
    """Dropout of the head's input."""
    hidden_dropout: float = 0.2
    """Dropout of the head's hidden layers."""
    step_dropout: float = 0.2
    """Dropout of the LSTM's input."""

    epochs: int = 6
    """Epochs of the learning rate's cosine; validation chooses at which one to stop."""
    batch_events: int = 512
    """Predicted events in a batch, about."""
    learning_rate: float = 1e-3
    weight_decay: float = 1e-2
    clip_norm: float = 1.0
    """Global norm to which gradients are clipped."""
    patience: int = 3
    """Epochs without a better validation error before training stops."""

    def __post_init__(self) -> None:
        positive = (
            "members",
            "id_size",
            "vector_size",
            "lstm_units",
            "key_size",
            "attention_steps",
            "bins",
            "chunk",
        )
        for field in (*positive, "epochs", "batch_events", "learning_rate", "clip_norm"):
            if getattr(self, field) <= 0:
                raise InputError(f"{field} should be above 0; it is {getattr(self, field)}.")
        for field in ("id_dropout", "input_dropout", "hidden_dropout", "step_dropout"):
            if not 0 <= getattr(self, field) < 1:
                raise InputError(f"{field} should lie in [0, 1); it is {getattr(self, field)}.")

    def replace(self, **changes: Any) -> "Settings":
        """A copy with some settings changed.

        Raises:
            InputError: a name that is no setting.
        """
        _refuse_unknown(changes)
        return dataclasses.replace(self, **changes)

    def as_dict(self) -> dict[str, Any]:
        """All settings, as plain values for JSON."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Settings":
        """Read what `as_dict` gave.

        Raises:
            InputError: a key that is no setting.
        """
        _refuse_unknown(values)
        plain: dict[str, Any] = {
            name: tuple(value) if name == "hidden" else value for name, value in values.items()
        }
        return cls(**plain)


def _refuse_unknown(values: dict[str, Any]) -> None:
    known = {field.name for field in dataclasses.fields(Settings)}
    if unknown := sorted(set(values) - known):
        raise InputError(f"Settings should be among {sorted(known)}; received {unknown}.")


#: Ablations by the name that follows `attention_lstm:`.
ABLATIONS: dict[str, dict[str, Any]] = {
    "no_vectors": {"use_vectors": False},
    "no_graph_features": {"use_graph_features": False},
    "no_graph": {"use_vectors": False, "use_graph_features": False},
    "no_attention": {"use_attention": False},
    "no_lstm": {"use_lstm": False},
}


def ablated(settings: Settings, ablation: str) -> Settings:
    """The same settings with one part of the network taken out.

    Raises:
        InputError: no such ablation.
    """
    if ablation not in ABLATIONS:
        raise InputError(f"An ablation should be one of {sorted(ABLATIONS)}; received {ablation!r}.")
    return settings.replace(name=f"{settings.name}:{ablation}", **ABLATIONS[ablation])
