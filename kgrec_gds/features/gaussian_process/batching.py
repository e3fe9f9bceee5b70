"""What all of a user's earlier ratings say of a movie together: a Gaussian process over the user's history (kriging).

A user's residuals are taken as a random function of movie and moment, whose covariance says how alike two ratings are.
What is expected of one more is then a weighted sum of the earlier ones (Rasmussen and Williams, 2006, equation 2.25).
Unlike an average of the nearest it knows that ten ratings of one burst or of one kind say little more than a few do.

A question with n earlier ratings belongs to piece (n - 1) // `piece` and sees that piece's earlier steps and the `reach`
before it, so the answer depends on the user's own earlier ratings alone, in bulk as for a single question.
"""

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.rating_log import QueryPositions
from kgrec_gds.features.gaussian_process.kernel import CELLS, Covariance, Sights
from kgrec_gds.features.gaussian_process.kriged_log import KrigedLog
from kgrec_gds.features.gaussian_process.pieces import Pieces
from kgrec_gds.features.gaussian_process.posterior import running_weights
from kgrec_gds.features.rolling_statistics import Columns
from kgrec_gds.threads import one_blas_thread

#: Columns, each with all that the one before it knows and more: ratings alone; genres and period; graph vectors.
KRIGED = ("user_kriged", "graph_like_kriged", "graph_near_kriged")
_LEAST_STEPS = 4

Batch = TypeVar("Batch")


def most_knowing(names: Collection[str]) -> str | None:
    """The kriged column that knows most among some columns; None without any, as in model runs of before."""
    return next((name for name in reversed(KRIGED) if name in names), None)


@dataclass(frozen=True)
class _Group:
    """Questions of one piece."""

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

    covariance: Covariance

    @property
    def names(self) -> tuple[str, ...]:
        """Columns that the data give."""
        there = (True, self.covariance.kinds is not None, self.covariance.vectors is not None)
        return tuple(name for name, given in zip(KRIGED, there, strict=True) if given)

    def columns(self, asked: QueryPositions, movie: NDArray[np.float64]) -> Columns:
        """Expected residual of each query, 0 where the user has no history; `movie` holds the queries' covariates."""
        found = np.zeros((len(self.names), len(asked)))
        if asked.events:
            log = KrigedLog(self.covariance, asked)
            _side_by_side(lambda batch: log.answer(batch, found), log.batches())
        else:
            _side_by_side(lambda groups: self._answer(groups, asked, movie, found), self._batches(asked))
        return dict(zip(self.names, found, strict=True))

    def _batches(self, asked: QueryPositions) -> Iterator[list[_Group]]:
        """Groups of the same number of steps and of like numbers of queries, as many as fit the cache."""
        groups = sorted(self._groups(asked), key=lambda group: (group.size, len(group.rows)))
        batch: list[_Group] = []
        for group in groups:
            cells = (len(batch) + 1) * group.size * max(len(group.rows), group.size)
            if batch and (group.size != batch[0].size or cells > CELLS):
                yield batch
                batch = []
            batch.append(group)
        if batch:
            yield batch

    def _groups(self, asked: QueryPositions) -> list[_Group]:
        rows = np.flatnonzero(asked.user_position >= 0)
        position, fit = (
            asked.user_position[rows],
            self.covariance.taste.fit_of(asked.queries.known_until[rows]),
        )
        order = np.lexsort((fit, position))
        pieces = Pieces.of(
            self.covariance.log, self.covariance.settings, rows[order], position[order], fit[order]
        )
        each = zip(pieces.begin, pieces.end, pieces.fit, pieces.low, pieces.high, strict=True)
        return [
            _Group(int(begin), int(end), int(fit), pieces.rows[low:high])
            for begin, end, fit, low, high in each
        ]

    def _answer(
        self,
        groups: list[_Group],
        asked: QueryPositions,
        movie: NDArray[np.float64],
        found: NDArray[np.float64],
    ) -> None:
        steps, weights = self._histories(groups)
        begin = np.array([group.begin for group in groups])[:, None]
        fits = np.array([group.fit for group in groups])
        most = max(len(group.rows) for group in groups)
        rows = np.stack([np.resize(group.rows, most) for group in groups])  # (groups, questions), some twice
        at_once = max(CELLS // steps.place.size, 1)
        for now in (rows[:, low : low + at_once] for low in range(0, most, at_once)):
            position, moment = asked.user_position[now], asked.queries.at[now]
            movies = asked.queries.movie_index[now]
            questions = self.covariance.sights(fits, _once(position + 1), _once(moment), movies, movie[now])
            visible = _once(position - begin)
            for level, across in enumerate(self.covariance.between(questions, steps)):
                # (groups, questions, steps), or one question for all
                wanted = weights[level][visible, np.arange(len(groups))[:, None]]
                found[level, now] = (wanted * across).sum(axis=2)

    def _histories(self, groups: list[_Group]) -> tuple[Sights, list[NDArray[np.float64]]]:
        """The groups' steps, and by column of `names` their running weights."""
        log, ratings = self.covariance.log, self.covariance.log.dataset.ratings
        begin, end = np.array([[group.begin, group.end] for group in groups]).T[..., None]
        place = begin + np.arange(groups[0].size)
        real = place <= end  # (groups, steps)
        events = log.by_user.order[np.minimum(place, end)]
        steps = self.covariance.sights(
            np.array([group.fit for group in groups]), place, ratings.rated_at[events],
            ratings.movie_index[events], self.covariance.seen[events],
        )  # fmt: skip
        said = log.residual[events] * real
        both = real[:, :, None] & real[:, None, :]
        among = self.covariance.between(steps, steps)
        return steps, [running_weights(np.where(both, each, 0.0), said) for each in among]


def _side_by_side(answer: Callable[[Batch], None], batches: Iterable[Batch]) -> None:
    """Answer batches, which have no query in common, by threads: numpy and BLAS let others run beside."""
    with one_blas_thread(), ThreadPoolExecutor(os.cpu_count()) as threads:
        for _ in threads.map(answer, batches):
            pass


def _once(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """(groups, questions), or (groups, 1) where a group's are all the same, as for a catalogue at one moment."""
    return values[:, :1] if (values == values[:, :1]).all() else values
