"""Why a movie is recommended: the liked movies and shared people that its score is made of."""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from kgrec_gds.data.grouping import in_ranges, run_start
from kgrec_gds.ranking.ranker import Ranker
from kgrec_gds.ranking.shared_people import SharedPeople
from kgrec_gds.ranking.signals import places

#: Place among the chosen movies, index of the liked movie or person, and part, of all parts that are not 0.
_Parts = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]
_NO_PARTS: _Parts = (np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0))
#: Reasons of each kind that are named; the rest is summed up.
MOST_REASONS = 3


@dataclass(frozen=True)
class Reasons:
    """Parts of one score; all together they sum to it."""

    movies: list[tuple[int, float]]
    """Movie index and part of the liked movies that add most, largest first."""
    people: list[tuple[int, float]]
    """Index in `SharedPeople.nconst` and part of the shared people that add most, largest first."""
    popularity: float
    """Part of the popularity now."""
    other: float
    """What all other liked movies and shared people add together."""


def reasons(
    ranker: Ranker,
    people: SharedPeople,
    liked: NDArray[np.int32],
    chosen: NDArray[np.int64],
    parts: NDArray[np.float64],
    deviations: tuple[float, float, float],
) -> list[Reasons]:
    """The parts of the scores of a user's movies.

    Args:
        ranker: the ranking that the scores are of.
        people: people of the movies.
        liked: the user's liked movies.
        chosen: movies to give reasons for.
        parts: their signals, of `UserSignals`, shape (chosen, 3).
        deviations: of the same.
    """
    weighted = parts * ranker.settings.weights
    together = _largest(*_together(ranker, liked, chosen, deviations[0]), len(chosen))
    shared = _largest(*_shared(ranker, people, liked, chosen, deviations[1]), len(chosen))
    found = []
    for movies, persons, popularity, whole in zip(
        together, shared, weighted[:, 2].tolist(), weighted.sum(axis=1).tolist(), strict=True
    ):
        named = sum(part for _, part in (*movies, *persons))
        found.append(Reasons(movies, persons, popularity, whole - popularity - named))
    return found


def _together(
    ranker: Ranker, liked: NDArray[np.int32], chosen: NDArray[np.int64], deviation: float
) -> _Parts:
    """Parts of the liked movies."""
    factor = ranker.settings.liked_together / deviation if deviation > 0 else 0.0
    if not factor or not len(liked):
        return _NO_PARTS
    row, movie, weight = _entries(ranker.item_weights, liked)
    place, there = places(chosen, movie)
    return place[there], liked[row[there]], weight[there] * factor


def _shared(
    ranker: Ranker,
    people: SharedPeople,
    liked: NDArray[np.int32],
    chosen: NDArray[np.int64],
    deviation: float,
) -> _Parts:
    """Parts of the people of the chosen movies."""
    factor = ranker.settings.people / deviation if deviation > 0 else 0.0
    if not factor or not len(liked):
        return _NO_PARTS
    row, person, value = _entries(people.unit, chosen)
    persons, which = np.unique(person, return_inverse=True)
    _, theirs, share = _entries(people.unit, liked)
    place, there = places(persons, theirs)
    profile = np.bincount(place[there], share[there], minlength=len(persons))
    return row, person, value * profile[which] * factor


def _entries(
    matrix: csr_matrix, rows: NDArray[np.integer]
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]:
    """Row number, column and value of all entries of some rows: a tenth of what indexing the matrix takes."""
    begin = matrix.indptr[rows]
    row, position = in_ranges(begin, matrix.indptr[rows + 1] - begin)
    return row, matrix.indices[position], matrix.data[position]


def _largest(
    place: NDArray[np.int64], index: NDArray[np.int32], part: NDArray[np.float64], count: int
) -> list[list[tuple[int, float]]]:
    """The largest positive parts of each of `count` places, largest first, equal ones in the order given."""
    order = np.lexsort((-part, place))
    order = order[part[order] > 0]
    order = order[np.arange(len(order)) - run_start(place[order]) < MOST_REASONS]
    bounds = np.searchsorted(place[order], np.arange(count + 1)).tolist()
    named = list(zip(index[order].tolist(), part[order].tolist(), strict=True))
    return [named[begin:end] for begin, end in itertools.pairwise(bounds)]
