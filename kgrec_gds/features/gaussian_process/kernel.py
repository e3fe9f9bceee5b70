"""How alike two ratings of a user are: the covariance by which kriging weighs the user's history."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.rating_log import RatingLog
from kgrec_gds.features.latent_factors import Taste

Floats = NDArray[np.float32]

#: Covariances computed at once: they stay in the processor's cache.
CELLS = 1 << 18


@dataclass(frozen=True)
class KrigingSettings:
    """Variances, the noise of a rating being 1; `docs/features.md` has the figures."""

    burst: float = 0.065
    """Of what ratings a few steps apart share: it falls by half in `burst_steps`."""
    hour: float = 0.04
    """Of what ratings of the same two hours share."""
    taste: float = 0.03
    """Of a latent factor."""
    covariates: tuple[float, float, float] = (0.023, 0.014, 0.016)
    """Of the slopes along year, popularity and quality, see `leaning.covariates`."""
    kind: float = 0.16
    """Of movies of the same genres and period."""
    kind_burst: float = 0.2
    """Of these a few steps apart."""
    near: float = 0.45
    """Of movies with the same graph vector."""
    near_slow: float = 0.32
    """Of these, falling by half in `slow_steps`."""
    burst_steps: float = 5.0
    slow_steps: float = 100.0
    linear_steps: float = 70.0
    """In which what latent factors and slopes share falls by half: tastes change."""
    hours: float = 2.0
    piece: int = 128
    """Ratings of a user that are answered from the same steps."""
    reach: int = 128
    """Ratings before them that are seen too."""


@dataclass(frozen=True)
class Sights:
    """Rated movies, or candidates, as the covariance sees them; arrays (groups, rows, ...)."""

    place: NDArray[np.int64]
    """Number of the user's earlier steps."""
    at: NDArray[np.int64]
    linear: NDArray[np.float64]
    """What enters by its product: latent factors and covariates, scaled."""
    kind: Floats | None
    near: Floats | None


@dataclass(frozen=True)
class Covariance:
    """Of residuals of one user, by movie and moment."""

    log: RatingLog
    taste: Taste
    seen: NDArray[np.float64]
    """Covariates of every event at its own time, shape (events, covariates)."""
    kinds: Floats | None
    """By movie, see `nearest.kind_vectors`; None without genres."""
    vectors: Floats | None
    """By movie, see `nearest.unit`; None without graph vectors."""
    settings: KrigingSettings

    def sights(
        self,
        fits: NDArray[np.int64],
        place: NDArray[np.int64],
        at: NDArray[np.int64],
        movie_index: NDArray[np.int32],
        seen: NDArray[np.float64],
    ) -> Sights:
        """What the covariance needs of movies at moments.

        Args:
            fits: number of the latent factors' fit, by group.
            place: number of the user's earlier steps, (groups, rows), as the others.
            at: moment.
            movie_index: movie.
            seen: covariates at that moment, (groups, rows, covariates).
        """
        s = self.settings
        factors = np.empty((*movie_index.shape, self.taste.settings.size))
        for fit in np.unique(fits).tolist():
            factors[fits == fit] = self.taste.factors(fit)[movie_index[fits == fit]]
        # Without the first covariate, the constant, which the user's bias knows.
        slopes = seen[..., 1:] * np.sqrt(s.covariates)
        return Sights(
            place, at, np.concatenate([factors * np.sqrt(s.taste), slopes], axis=2),
            None if self.kinds is None else self.kinds[movie_index],
            None if self.vectors is None else self.vectors[movie_index],
        )  # fmt: skip

    def between(self, ones: Sights, others: Sights) -> Iterator[Floats]:
        """By kriged column, (groups, ones, others)."""
        s = self.settings
        apart, seconds = _apart(ones.place, others.place), _apart(ones.at, others.at)
        burst = _falling(apart, s.burst_steps)
        total = (ones.linear @ others.linear.transpose(0, 2, 1)).astype(np.float32)
        total *= _falling(apart, s.linear_steps)
        total += np.float32(s.burst) * burst
        total += np.float32(s.hour) * np.exp(seconds / np.float32(-3600 * s.hours))
        yield total
        if ones.kind is not None and others.kind is not None:
            alike = _raised(ones.kind @ others.kind.transpose(0, 2, 1), 4)
            total = total + alike * (np.float32(s.kind) + np.float32(s.kind_burst) * burst)
            yield total
        if ones.near is not None and others.near is not None:
            cosine = ones.near @ others.near.transpose(0, 2, 1)
            alike = _raised(np.float32(0.5) * (np.float32(1) + cosine), 8)
            slow = _falling(apart, s.slow_steps)
            yield total + alike * (np.float32(s.near) + np.float32(s.near_slow) * slow)


def _raised(values: Floats, power: int) -> Floats:
    """To a power of two, in place."""
    while power > 1:
        np.square(values, out=values)
        power //= 2
    return values


def _apart(ones: NDArray[np.int64], others: NDArray[np.int64]) -> Floats:
    """(groups, ones, others)."""
    difference: Floats = (ones[:, :, None] - others[:, None, :]).astype(np.float32)
    return np.abs(difference, out=difference)


def _falling(apart: Floats, steps: float) -> Floats:
    """By half in so many steps."""
    return np.float32(1) / (np.float32(1) + apart / np.float32(steps))
