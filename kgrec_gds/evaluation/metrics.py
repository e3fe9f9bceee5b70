"""Metrics of rating prediction by scikit-learn."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Scores:
    """All metrics of one model on one set of events, where y is the given rating, p the predicted one, ybar the mean of y."""

    mse: float
    """Mean squared error, mean((y - p)^2); 0 is best."""
    rmse: float
    """Root of the mean squared error, in rating points; 0 is best."""
    mae: float
    """Mean absolute error, mean(|y - p|), in rating points; 0 is best."""
    r2: float
    """Coefficient of determination, 1 - sum((y - p)^2) / sum((y - ybar)^2); 1 is best. NaN where all ratings are equal,
    so that there is no variance to explain."""
    evs: float
    """Explained variance, 1 - var(y - p) / var(y), which ignores a constant offset; NaN as in `r2`."""
    medae: float
    """Median absolute error, median(|y - p|), in rating points; 0 is best."""
    n: int
    """Number of events."""


def scores(rating: NDArray[np.floating], predicted: NDArray[np.floating]) -> Scores:
    """All metrics of two arrays of shape (n,) in double precision; NaN for no events."""
    from sklearn import metrics

    y, p = rating.astype(np.float64), predicted.astype(np.float64)
    if not len(y):
        return Scores(*(math.nan,) * 6, n=0)
    mse, varied = float(metrics.mean_squared_error(y, p)), np.ptp(y) > 0
    return Scores(
        mse,
        math.sqrt(mse),
        mae=float(metrics.mean_absolute_error(y, p)),
        r2=float(metrics.r2_score(y, p)) if varied else math.nan,
        evs=float(metrics.explained_variance_score(y, p)) if varied else math.nan,
        medae=float(metrics.median_absolute_error(y, p)),
        n=len(y),
    )
