"""The posterior mean of a Gaussian process after each of a sequence of observations."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dpotrf, dtrtri


def running_weights(
    covariance: NDArray[np.floating[Any]], residual: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Weights whose product with a query's covariances is its posterior mean, after each step.

    With K + I = L L' of the steps so far, the weights are (K + I)^-1 y = L^-T (L^-1 y) (Rasmussen and Williams, 2006,
    equation 2.25); row by row of L^-1 they are a running sum, so one factorisation serves every step.

    Args:
        covariance: K of the steps, shape (groups, steps, steps).
        residual: y of the steps, shape (groups, steps).

    Returns:
        Shape (steps, groups, steps): in row v the weights after step v, 0 for later steps.
    """
    groups, steps = residual.shape
    inverse, noise = np.empty((groups, steps, steps)), np.eye(steps)
    for number, each in enumerate(covariance):
        upper, failed = dpotrf((each + noise).T, overwrite_a=True)  # L': LAPACK counts columns first
        if failed:
            raise np.linalg.LinAlgError("The covariance of a user's ratings is not positive definite.")
        inverse[number] = dtrtri(upper, overwrite_c=True)[0].T
    weights = np.empty((steps, groups, steps))
    np.multiply(inverse, inverse @ residual[:, :, None], out=weights.swapaxes(0, 1))
    for step in range(1, steps):  # np.cumsum takes many times as long along any axis but the last
        weights[step] += weights[step - 1]
    return weights
