"""Metrics of rating prediction by scikit-learn, each a function of two arrays of shape (n,).

In the formulas y is the given rating, p the predicted one, and ybar the mean of y.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


def mse(rating: NDArray[np.floating], predicted: NDArray[np.floating]) -> float:
    """Mean squared error, mean((y - p)^2); 0 is best."""
    from sklearn.metrics import mean_squared_error

    return float(mean_squared_error(rating, predicted))


def rmse(rating: NDArray[np.floating], predicted: NDArray[np.floating]) -> float:
    """Root of the mean squared error, in rating points; 0 is best."""
    return math.sqrt(mse(rating, predicted))


def mae(rating: NDArray[np.floating], predicted: NDArray[np.floating]) -> float:
    """Mean absolute error, mean(|y - p|), in rating points; 0 is best."""
    from sklearn.metrics import mean_absolute_error

    return float(mean_absolute_error(rating, predicted))


def r2(rating: NDArray[np.floating], predicted: NDArray[np.floating]) -> float:
    """Coefficient of determination, 1 - sum((y - p)^2) / sum((y - ybar)^2); 1 is best.

    NaN where all ratings are equal, so that there is no variance to explain.
    """
    from sklearn.metrics import r2_score

    return float(r2_score(rating, predicted)) if np.ptp(rating) > 0 else math.nan


def evs(rating: NDArray[np.floating], predicted: NDArray[np.floating]) -> float:
    """Explained variance, 1 - var(y - p) / var(y), which ignores a constant offset; NaN as in `r2`."""
    from sklearn.metrics import explained_variance_score

    return float(explained_variance_score(rating, predicted)) if np.ptp(rating) > 0 else math.nan


def medae(rating: NDArray[np.floating], predicted: NDArray[np.floating]) -> float:
    """Median absolute error, median(|y - p|), in rating points; 0 is best."""
    from sklearn.metrics import median_absolute_error

    return float(median_absolute_error(rating, predicted))


@dataclass(frozen=True)
class Scores:
    """All metrics of one model on one set of events."""

    mse: float
    rmse: float
    mae: float
    r2: float
    evs: float
    medae: float
    n: int
    """Number of events."""


def scores(rating: NDArray[np.floating], predicted: NDArray[np.floating]) -> Scores:
    """All metrics in double precision; NaN for no events."""
    y, p = rating.astype(np.float64), predicted.astype(np.float64)
    if not len(y):
        return Scores(*(math.nan,) * 6, n=0)
    return Scores(mse(y, p), rmse(y, p), mae(y, p), r2(y, p), evs(y, p), medae(y, p), n=len(y))
