"""Gaussian processes seen step by step: what is expected of each step from those before it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dpotrf, dtrtri


def running_weights(covariance: NDArray[np.floating[Any]], said: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights by which a step's covariances with a question make the expectation, after each step.

    With K + 1 = L Lᵀ of the steps so far, the weights after them are (K + 1)⁻¹ y = L⁻ᵀ (L⁻¹ y): row by row of L⁻¹ they
    are a running sum.

    Args:
        covariance: K of the steps, (groups, steps, steps).
        said: their residuals y, (groups, steps).

    Returns:
        (steps, groups, steps): in row v the weights after step v, 0 for later steps.
    """
    groups, steps = said.shape
    inverse, noise = np.empty((groups, steps, steps)), np.eye(steps)
    for number, each in enumerate(covariance):
        upper, failed = dpotrf((each + noise).T, overwrite_a=True)  # Lᵀ: LAPACK counts columns first
        if failed:
            raise np.linalg.LinAlgError("The covariance of a user's steps should be positive definite.")
        inverse[number] = dtrtri(upper, overwrite_c=True)[0].T
    weights = np.empty((steps, groups, steps))
    np.multiply(inverse, inverse @ said[:, :, None], out=weights.swapaxes(0, 1))
    for step in range(1, steps):  # np.cumsum takes many times as long along any axis but the last
        weights[step] += weights[step - 1]
    return weights


def conditional_means(
    covariance: NDArray[np.floating[Any]], said: NDArray[np.float64], visible: NDArray[np.int64]
) -> NDArray[np.float64]:
    """What is expected of each point from the first few.

    With K + 1 = L Lᵀ, row q of L is what L⁻¹ makes of point q's covariances with the points before it, and so the
    expectation is its product with L⁻¹ y. That in turn is the last row of L where y borders K.

    Args:
        covariance: K of the points, (groups, points, points).
        said: residuals y, (groups, points); those that no point sees do not matter.
        visible: number of first points that each sees, of those before it; (groups, points).

    Returns:
        (groups, points).
    """
    groups, points = said.shape
    bordered = np.zeros((groups, points + 1, points + 1))
    bordered[:, :points, :points] = covariance
    bordered[:, points, :points] = said
    bordered[:, points, points] = np.square(said).sum(axis=1)  # with the noise enough to be positive definite
    _diagonal(bordered)[:] += 1.0
    lower = np.linalg.cholesky(bordered)
    seen, place = lower[:, :points, :points], np.arange(points)
    _diagonal(seen)[:] = 0.0
    fewer = visible < place  # than all before
    seen[fewer] *= place < visible[fewer][:, None]
    return (seen @ lower[:, points, :points, None])[..., 0]


def _diagonal(matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each, (groups, points), to be written to."""
    return np.einsum("gii->gi", matrices)
