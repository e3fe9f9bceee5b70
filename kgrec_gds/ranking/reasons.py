"""Why a movie is recommended: the liked movies and shared people that its score is made of."""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from kgrec_gds.data.grouping import in_ranges
from kgrec_gds.ranking.ranker import Ranker
from kgrec_gds.ranking.shared_people import SharedPeople
from kgrec_gds.ranking.signals import places

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
    together = _together(ranker, liked, chosen, deviations[0])
    shared = _shared(ranker, people, liked, chosen, deviations[1])
    found = []
    for place in range(len(chosen)):
        movies, persons = _largest(liked, together[:, place]), _largest(*shared[place])
        named = sum(part for _, part in (*movies, *persons))
        popularity = float(weighted[place, 2])
        other = float(weighted[place].sum()) - popularity - named
        found.append(Reasons(movies, persons, popularity, other))
    return found


def _together(
    ranker: Ranker, liked: NDArray[np.int32], chosen: NDArray[np.int64], deviation: float
) -> NDArray[np.float64]:
    """Part of each liked movie in each chosen one, shape (liked, chosen)."""
    factor = ranker.settings.liked_together / deviation if deviation > 0 else 0.0
    found = np.zeros((len(liked), len(chosen)))
    if factor and len(liked):
        row, movie, weight = _entries(ranker.item_weights, liked)
        place, there = places(chosen, movie)
        found[row[there], place[there]] = weight[there] * factor
    return found


def _shared(
    ranker: Ranker,
    people: SharedPeople,
    liked: NDArray[np.int32],
    chosen: NDArray[np.int64],
    deviation: float,
) -> list[tuple[NDArray[np.int32], NDArray[np.float64]]]:
    """People of each chosen movie and their parts."""
    factor = ranker.settings.people / deviation if deviation > 0 else 0.0
    if not factor or not len(liked):
        return [(np.zeros(0, np.int32), np.zeros(0))] * len(chosen)
    row, person, value = _entries(people.unit, chosen)
    persons, which = np.unique(person, return_inverse=True)
    _, theirs, share = _entries(people.unit, liked)
    place, there = places(persons, theirs)
    profile = np.bincount(place[there], share[there], minlength=len(persons))
    part = value * profile[which] * factor
    bounds = np.searchsorted(row, np.arange(len(chosen) + 1))
    return [(person[begin:end], part[begin:end]) for begin, end in itertools.pairwise(bounds.tolist())]


def _entries(
    matrix: csr_matrix, rows: NDArray[np.integer]
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]:
    """Row number, column and value of all entries of some rows: a tenth of what indexing the matrix takes."""
    begin = matrix.indptr[rows]
    row, position = in_ranges(begin, matrix.indptr[rows + 1] - begin)
    return row, matrix.indices[position], matrix.data[position]


def _largest(index: NDArray[np.int32], part: NDArray[np.float64]) -> list[tuple[int, float]]:
    best = np.argsort(-part, kind="stable")[:MOST_REASONS]
    return [(int(index[place]), float(part[place])) for place in best if part[place] > 0]
