"""What all of a user's earlier ratings say of a movie together: a Gaussian process over the user's history (kriging).

A user's residuals are taken as a random function of movie and moment, whose covariance says how alike two ratings are.
What is expected of one more is then a weighted sum of the earlier ones (Rasmussen and Williams, 2006, equation 2.25).
Unlike an average of the nearest it knows that ten ratings of one burst or of one kind say little more than a few do.

A question with n earlier ratings belongs to piece (n - 1) // `piece` and sees that piece's earlier steps and the `reach`
before it, so the answer depends on the user's own earlier ratings alone, in bulk as for a single question.
"""

import os
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dpotrf, dtrtri

from kgrec_gds.threads import one_blas_thread
from kgrec_gds.windows.log import Asked, RatingLog
from kgrec_gds.windows.series import Columns
from kgrec_gds.windows.taste import Taste

#: Columns, each with all that the one before it knows and more: ratings alone; genres and period; graph vectors.
KRIGED = ("user_kriged", "graph_like_kriged", "graph_near_kriged")
#: Covariances computed at once.
_CELLS = 1 << 17
_LEAST_STEPS = 4

Floats = NDArray[np.float32]


def most_knowing(names: Collection[str]) -> str | None:
    """The kriged column that knows most among some columns; None without any, as in model runs of before."""
    return next((name for name in reversed(KRIGED) if name in names), None)


@dataclass(frozen=True)
class KrigingSettings:
    """Variances, the noise of a rating being 1; `docs/features.md` has the figures."""

    burst: float = 0.065
    """Of what ratings a few steps apart share: it falls by half in `burst_steps`."""
    hour: float = 0.04
    """Of what ratings of the same two hours share."""
    taste: float = 0.08
    """Of a latent factor."""
    covariates: tuple[float, float, float] = (0.023, 0.014, 0.016)
    """Of the slopes along year, popularity and quality, see `leaning.covariates`."""
    kind: float = 0.13
    """Of movies of the same genres and period."""
    kind_burst: float = 0.2
    """Of these a few steps apart."""
    near: float = 0.32
    """Of movies with the same graph vector."""
    near_slow: float = 0.32
    """Of these, falling by half in `slow_steps`."""
    burst_steps: float = 5.0
    slow_steps: float = 40.0
    hours: float = 2.0
    piece: int = 64
    """Ratings of a user that are answered from the same steps."""
    reach: int = 64
    """Ratings before them that are seen too."""


@dataclass(frozen=True)
class _Sights:
    """Rated movies, or candidates, as the covariance sees them; arrays (groups, rows, ...)."""

    place: NDArray[np.int64]
    """Number of the user's earlier steps."""
    at: NDArray[np.int64]
    linear: NDArray[np.float64]
    """What enters by its product: latent factors and covariates, scaled."""
    kind: Floats | None
    near: Floats | None


@dataclass(frozen=True)
class _Group:
    """Questions that see steps of the same piece and the same latent factors."""

    begin: int
    """Position of the first step in `log.by_user`."""
    end: int
    """Of the last that any of them sees."""
    fit: int
    """Number of the latent factors' fit, -1 before the first."""
    rows: NDArray[np.int64]

    @property
    def size(self) -> int:
        """Number of steps, rounded up to a power of two: few sizes, so that many groups make a batch."""
        return max(_LEAST_STEPS, 1 << (self.end - self.begin).bit_length())


@dataclass(frozen=True)
class Kriging:
    """Expected residuals given a user's earlier ones."""

    log: RatingLog
    taste: Taste
    seen: NDArray[np.float64]
    """Covariates of every event at its own time, shape (events, covariates)."""
    kinds: Floats | None
    """By movie, see `nearest.kind_vectors`; None without genres."""
    vectors: Floats | None
    """By movie, see `nearest.unit`; None without graph vectors."""
    settings: KrigingSettings

    @property
    def names(self) -> tuple[str, ...]:
        """Columns that the data give."""
        there = (True, self.kinds is not None, self.vectors is not None)
        return tuple(name for name, given in zip(KRIGED, there, strict=True) if given)

    def columns(self, asked: Asked, movie: NDArray[np.float64]) -> Columns:
        """Expected residual of each query, 0 where the user has no history; `movie` holds the queries' covariates."""
        found = np.zeros((len(self.names), len(asked)))
        # numpy and BLAS let other threads run beside; batches have no query in common.
        with one_blas_thread(), ThreadPoolExecutor(os.cpu_count()) as threads:
            for _ in threads.map(
                lambda groups: self._answer(groups, asked, movie, found), self._batches(asked)
            ):
                pass
        return dict(zip(self.names, found, strict=True))

    def _batches(self, asked: Asked) -> Iterator[list[_Group]]:
        """Groups of the same number of steps and of like numbers of queries, as many as fit the cache."""
        groups = sorted(self._groups(asked), key=lambda group: (group.size, len(group.rows)))
        batch: list[_Group] = []
        for group in groups:
            cells = (len(batch) + 1) * group.size * max(len(group.rows), group.size)
            if batch and (group.size != batch[0].size or cells > _CELLS):
                yield batch
                batch = []
            batch.append(group)
        if batch:
            yield batch

    def _groups(self, asked: Asked) -> list[_Group]:
        rows = np.flatnonzero(asked.user_position >= 0)
        if not len(rows):
            return []
        first = self.log.by_user.first[asked.user_position[rows]]
        start = first + (asked.user_position[rows] - first) // self.settings.piece * self.settings.piece
        fit = self.taste.fit_of(asked.seen[rows])
        order = np.lexsort((asked.user_position[rows], fit, start))
        rows, first, start, fit = rows[order], first[order], start[order], fit[order]
        new = np.flatnonzero((np.diff(start) != 0) | (np.diff(fit) != 0)) + 1
        begin = np.maximum(first, start - self.settings.reach)
        return [
            _Group(int(begin[low]), int(asked.user_position[rows[high - 1]]), int(fit[low]), rows[low:high])
            for low, high in pairwise([0, *new.tolist(), len(rows)])
        ]

    def _answer(
        self, groups: list[_Group], asked: Asked, movie: NDArray[np.float64], found: NDArray[np.float64]
    ) -> None:
        steps, weights = self._histories(groups)
        begin, fits = np.array([group.begin for group in groups])[:, None], [group.fit for group in groups]
        most = max(len(group.rows) for group in groups)
        rows = np.stack([np.resize(group.rows, most) for group in groups])  # (groups, questions), some twice
        at_once = max(_CELLS // steps.place.size, 1)
        for now in (rows[:, low : low + at_once] for low in range(0, most, at_once)):
            position, moment = asked.user_position[now], asked.seen[now]
            movies = asked.queries.movie_index[now]
            questions = self._sights(fits, _once(position + 1), _once(moment), movies, movie[now])
            visible = _once(position - begin)
            for level, across in enumerate(self._covariances(questions, steps)):
                # (groups, questions, steps), or one question for all
                wanted = weights[level][visible, np.arange(len(groups))[:, None]]
                found[level, now] = (wanted * across).sum(axis=2)

    def _histories(self, groups: list[_Group]) -> tuple[_Sights, list[NDArray[np.float64]]]:
        """The groups' steps, and by column of `names` their running weights."""
        begin, end = np.array([[group.begin, group.end] for group in groups]).T[..., None]
        place = begin + np.arange(groups[0].size)
        real = place <= end  # (groups, steps)
        events, ratings = self.log.by_user.order[np.minimum(place, end)], self.log.dataset.ratings
        fits, movies = [group.fit for group in groups], ratings.movie_index[events]
        steps = self._sights(fits, place, ratings.rated_at[events], movies, self.seen[events])
        said = self.log.residual[events] * real
        both = real[:, :, None] & real[:, None, :]
        among = self._covariances(steps, steps)
        return steps, [running_weights(np.where(both, each, 0.0), said) for each in among]

    def _sights(
        self,
        fits: list[int],
        place: NDArray[np.int64],
        at: NDArray[np.int64],
        movie_index: NDArray[np.int32],
        seen: NDArray[np.float64],
    ) -> _Sights:
        s = self.settings
        factors = np.stack(
            [self.taste.factors(fit)[movies] for fit, movies in zip(fits, movie_index, strict=True)]
        )
        # Without the first covariate, the constant, which the user's bias knows.
        slopes = seen[..., 1:] * np.sqrt(s.covariates)
        return _Sights(
            place, at, np.concatenate([factors * np.sqrt(s.taste), slopes], axis=2),
            None if self.kinds is None else self.kinds[movie_index],
            None if self.vectors is None else self.vectors[movie_index],
        )  # fmt: skip

    def _covariances(self, ones: _Sights, others: _Sights) -> Iterator[Floats]:
        """By column of `names`, (groups, ones, others)."""
        s = self.settings
        apart = np.abs(ones.place[:, :, None] - others.place[:, None, :]).astype(np.float32)
        seconds = np.abs(ones.at[:, :, None] - others.at[:, None, :]).astype(np.float32)
        burst = 1 / (1 + apart / np.float32(s.burst_steps))
        total = (ones.linear @ others.linear.transpose(0, 2, 1)).astype(np.float32)
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
            slow = 1 / (1 + apart / np.float32(s.slow_steps))
            yield total + alike * (np.float32(s.near) + np.float32(s.near_slow) * slow)


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


def _once(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """(groups, questions), or (groups, 1) where a group's are all the same, as for a catalogue at one moment."""
    return values[:, :1] if (values == values[:, :1]).all() else values


def _raised(values: Floats, power: int) -> Floats:
    """To a power of two, in place."""
    while power > 1:
        np.square(values, out=values)
        power //= 2
    return values
