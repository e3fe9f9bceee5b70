"""What two predictors said of the validation events, and the mean of them that would have been best there."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.schema import MAX_RATING, MIN_RATING


@dataclass(frozen=True)
class HeldOut:
    """Predictions of validation events by a fit that did not see them."""

    predicted: NDArray[np.float32]
    """Ratings (1-10), shape (events,)."""
    actual: NDArray[np.float32]
    """Ratings (1-10), shape (events,)."""
    weight: NDArray[np.float64]
    """How much each event counts, shape (events,); see `windows.lengths.validation_weights`."""

    @classmethod
    def of(
        cls,
        bias: NDArray[np.float32],
        residual: NDArray[np.floating[Any]],
        actual: NDArray[np.float32],
        weight: NDArray[np.float64],
    ) -> "HeldOut":
        """What a model said that predicts what is left of a rating after the causal bias; arrays by event."""
        said = np.clip(bias + residual, MIN_RATING, MAX_RATING)
        return cls(said.astype(np.float32), actual, weight)

    def of_events(self, events: NDArray[np.integer], weight: NDArray[np.float64]) -> "HeldOut":
        """Some of them, which count otherwise."""
        return HeldOut(self.predicted[events], self.actual[events], weight)

    def mixed(self, other: "HeldOut", share: float) -> "HeldOut":
        """The mean with another predictor of the same events, this one having a share of it."""
        said = share * self.predicted + (1 - share) * other.predicted
        return HeldOut(said.astype(np.float32), self.actual, self.weight)

    @property
    def error(self) -> NDArray[np.float32]:
        """Rating minus prediction, shape (events,)."""
        return self.actual - self.predicted


def best_share(first: HeldOut, second: HeldOut) -> float:
    """The share s in [0, 1] of the first predictor at which s * first + (1 - s) * second errs least.

    By the weighted mean of squared errors. One half where there are no validation events or both predict the same:
    nothing speaks for either.
    """
    return best_part(first.predicted - second.predicted, second.error, second.weight, otherwise=0.5)


def best_part(
    moved: NDArray[np.float32], error: NDArray[np.float32], weight: NDArray[np.float64], *, otherwise: float
) -> float:
    """The part p in [0, 1] of a move at which predictions moved by p * moved err least, by weighted squares.

    Args:
        moved: by event.
        error: rating minus prediction before the move, by event.
        weight: of each event.
        otherwise: the answer where no event is moved at all.
    """
    weighted = moved.astype(np.float64) * weight
    spread = float(weighted @ moved)
    return float(np.clip(weighted @ error / spread, 0.0, 1.0)) if spread else otherwise
