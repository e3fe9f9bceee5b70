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


def best_share(first: HeldOut, second: HeldOut) -> float:
    """The share s in [0, 1] of the first predictor at which s * first + (1 - s) * second errs least.

    By the weighted mean of squared errors. One half where there are no validation events or both predict the same:
    nothing speaks for either.
    """
    apart = first.predicted.astype(np.float64) - second.predicted
    weighted = apart * second.weight
    spread = float(weighted @ apart)
    if not spread:
        return 0.5
    wanted = second.actual.astype(np.float64) - second.predicted
    return float(np.clip(weighted @ wanted / spread, 0.0, 1.0))
