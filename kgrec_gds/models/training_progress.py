"""How far a fit has come: plain values that are written beside the weights."""

from collections.abc import Callable
from dataclasses import dataclass, field

Watch = Callable[[str, int, int], None]
"""Called with what is running, how many of its steps are done, and of how many."""


@dataclass
class Progress:
    """State of a fit between two epochs."""

    epoch: int = 0
    """Epochs finished."""
    history: list[dict[str, float]] = field(default_factory=list)
    """By epoch: `epoch`, `train_mse`, and `validation_mse` where it was measured."""
    best_epoch: int = 0
    best_error: float = float("inf")
    best_predicted: list[float] = field(default_factory=list)
    """Residuals that the best epoch predicted for the validation events, in their order."""
