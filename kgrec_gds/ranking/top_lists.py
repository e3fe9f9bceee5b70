"""The top k movies of users: ranked, filtered, diversified, with places for new movies, each with its reasons."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.ranking.cases import histories
from kgrec_gds.ranking.diversity import diversified
from kgrec_gds.ranking.filters import rating_counts
from kgrec_gds.ranking.item_weights import LIKED
from kgrec_gds.ranking.popularity import popularity
from kgrec_gds.ranking.ranker import Ranker
from kgrec_gds.ranking.reasons import Reasons, reasons
from kgrec_gds.ranking.shared_people import SharedPeople
from kgrec_gds.ranking.signals import UserSignals, highest, tie_order

#: Candidates that diversity chooses from, the best by score.
_MOST_CANDIDATES = 100
#: A movie with at most so many ratings is new.
NEW = 2


@dataclass(frozen=True)
class ListOptions:
    """How long the lists are, and what else they should hold."""

    k: int = 10
    diversity: float = 0.0
    """Of `diversified`, 0-1."""
    new_places: int = 0
    """Places for movies with at most `NEW` ratings, ranked by shared people alone; they are the last of the k."""


@dataclass(frozen=True)
class RankedList:
    """The recommendations of one user, best first."""

    user_index: int
    movie_index: NDArray[np.int64]
    score: NDArray[np.float64]
    reasons: list[Reasons]


def top_lists(
    ranker: Ranker,
    dataset: Dataset,
    users: NDArray[np.int32],
    at: int,
    options: ListOptions | None = None,
    allowed: NDArray[np.bool_] | None = None,
) -> Iterator[RankedList]:
    """Rank the movies that each user has not rated before a time.

    Args:
        ranker: the fitted ranking.
        dataset: ratings, movies and vectors.
        users: rows of users; 0 is a user without history.
        at: epoch seconds; history and popularity are as of then.
        options: the defaults where None.
        allowed: movies that may be recommended, of `allowed_movies`.
    """
    options = options or ListOptions()
    rated = histories(dataset, users, np.full(len(users), at, np.int64))
    now = popularity(dataset.ratings, len(dataset.movies), at, ranker.settings.half_life)
    people = dataset.derive(SharedPeople.of)
    counts = rating_counts(dataset, at) if options.new_places else None
    wanted = max(options.k, _MOST_CANDIDATES) if options.diversity else options.k
    for row, signals in enumerate(ranker.signals(dataset, rated, now, wanted, allowed)):
        places = _choose(ranker, dataset, signals, options, counts)
        own = slice(rated.indptr[row], rated.indptr[row + 1])
        liked = rated.indices[own][rated.data[own] >= LIKED]
        chosen, parts = signals.movie_index[places], signals.parts[places]
        why = reasons(ranker, people, liked, chosen, parts, signals.deviations)
        yield RankedList(int(users[row]), chosen, parts @ ranker.settings.weights, why)


def _choose(
    ranker: Ranker,
    dataset: Dataset,
    signals: UserSignals,
    options: ListOptions,
    counts: NDArray[np.int64] | None,
) -> NDArray[np.int64]:
    """Places in the signals' movies of the user's list."""
    tie = dataset.derive(tie_order)
    depth = max(options.k, _MOST_CANDIDATES) if options.diversity else options.k
    best, score = signals.top(ranker.settings.weights, tie, depth)
    new = _new_movies(signals, tie, counts, options.new_places) if counts is not None else best[:0]
    places = options.k - len(new)
    best_left = ~np.isin(best, new)
    best, score = best[best_left], score[best_left]
    if options.diversity and dataset.vectors is not None:
        vectors = dataset.vectors.movies[signals.movie_index[best]]
        best = best[diversified(score, vectors, options.diversity, places)]
    return np.concatenate([best[:places], new])


def _new_movies(
    signals: UserSignals, tie: NDArray[np.uint32], counts: NDArray[np.int64], places: int
) -> NDArray[np.int64]:
    """Places of the new movies that share most with the user's liked movies; none that shares nothing."""
    shared = signals.parts[:, 1]
    there = np.flatnonzero((counts[signals.movie_index] <= NEW) & (shared > 0))
    return there[highest(shared[there], tie[signals.movie_index[there]], places)]
