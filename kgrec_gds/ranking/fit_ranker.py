"""Choose the settings of the ranking on validation, and fit it."""

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from kgrec_gds.data.dataset import Dataset, Ratings
from kgrec_gds.data.splits import Split
from kgrec_gds.ranking.cases import RankingCases, Relevant, day_cases, midpoint_cases
from kgrec_gds.ranking.item_weights import MOST_MOVIES, item_weights
from kgrec_gds.ranking.popularity import DAY
from kgrec_gds.ranking.ranker import Ranker, RankingSettings
from kgrec_gds.ranking.ranking_metrics import case_metrics, mean_over_users
from kgrec_gds.ranking.signals import case_signals, tie_order

HALF_LIVES = tuple(days * float(DAY) for days in (1, 3, 7, 30, 90, 365, 1_000))
REGULARISATIONS = (30.0, 100.0, 300.0, 1_000.0)
_STEPS = (0.0, 0.25, 0.5, 1.0, 2.0)
#: a, b, c of the combination; c is 1, or 0 with at least one of the others.
COMBINATIONS = tuple(
    (a, b, c)
    for a, b, c in itertools.product(_STEPS, _STEPS, (0.0, 1.0))
    if c or (a, b) in {(1, 0), (0, 1), (1, 1), (1, 0.5)}
)
_K = 10
_STAGE = "Fitting the ranking"
#: Most cases of a kind in a window; more would take time and change nothing. `evaluate` measures all of the test.
_MOST_CASES = 500
#: Most movies with weights while lambda is chosen: its best value hardly depends on the seldom liked ones.
_MOVIES_TO_CHOOSE = 8_000
#: Part of the training ratings, the latest, that serves as a window of validation beside the validation ratings.
_WINDOW = 0.2


@dataclass(frozen=True)
class _Cases:
    """Cases, and the readings in which they are scored."""

    cases: RankingCases
    relevant: tuple[csr_matrix, ...]


@dataclass
class _Window:
    """Cases of one part of the time, and what was rated before it."""

    train: Ratings
    groups: list[_Cases]
    weights: csr_matrix

    def fit(self, regularisation: float, most_movies: int) -> None:
        """Fit the item-item weights on what was rated before."""
        self.weights = item_weights(
            self.train, self.weights.shape[0], regularisation, most_movies=most_movies
        )


def fit_ranker(
    dataset: Dataset, split: Split, seed: int, callback: Callable[[str, int, int], None] | None = None
) -> Ranker:
    """Fit on train, choose the settings by NDCG@10 on validation, then fit on train and validation.

    The measure is the mean of two: cases at the middle of a user's validation ratings with liked movies relevant, and cases
    at the beginning of days, with any and with liked movies relevant; both in two windows, the latest training ratings
    and the validation ratings, because the best weights of one window need not be those of the next. The half-life is
    chosen by popularity alone, lambda by the item-item weights alone; then all combinations of the three weights, and the
    half-life again with the best.
    """
    report = callback or (lambda *_: None)
    report(_STAGE, 0, 2)
    settings = choose_settings(dataset, split, seed)
    report(_STAGE, 1, 2)
    ranker = refit_ranker(dataset, np.union1d(split.train, split.validation), settings)
    report(_STAGE, 2, 2)
    return ranker


def refit_ranker(dataset: Dataset, rows: NDArray[np.int64], settings: RankingSettings) -> Ranker:
    """Fit on the given events with settings that were chosen before."""
    ratings = dataset.ratings.take(rows)
    return Ranker(settings, item_weights(ratings, len(dataset.movies), settings.regularisation))


def choose_settings(dataset: Dataset, split: Split, seed: int) -> RankingSettings:
    """The settings with the highest NDCG@10 on validation; the defaults where validation has no case."""
    windows = _windows(dataset, split, seed)
    if not windows:
        return RankingSettings()
    alone = {half: _measure(dataset, windows, half, [(0, 0, 1)])[0] for half in HALF_LIVES}
    half_life = max(alone, key=alone.__getitem__)
    found = {}
    for each in REGULARISATIONS:
        for window in windows:
            window.fit(each, _MOVIES_TO_CHOOSE)
        found[each] = _measure(dataset, windows, half_life, [(1, 0, 0)])[0]
    regularisation = max(found, key=found.__getitem__)
    for window in windows:
        window.fit(regularisation, MOST_MOVIES)
    best, a, b, c = -1.0, 0.0, 0.0, 1.0
    for half in _beside(half_life):
        measured = _measure(dataset, windows, half, COMBINATIONS)
        place = int(np.argmax(measured))
        if measured[place] > best:
            best, half_life, (a, b, c) = measured[place], half, COMBINATIONS[place]
    return RankingSettings(a, b, c, half_life, regularisation)


def _beside(half_life: float) -> tuple[float, ...]:
    place = HALF_LIVES.index(half_life)
    return (half_life, *HALF_LIVES[max(0, place - 1) : place], *HALF_LIVES[place + 1 : place + 2])


def _windows(dataset: Dataset, split: Split, seed: int) -> list[_Window]:
    """The latest training ratings and the validation ratings, where they have cases."""
    earlier, latest = np.split(np.sort(split.train), [int((1 - _WINDOW) * len(split.train))])
    none = csr_matrix((len(dataset.movies),) * 2, dtype=np.float32)
    found = []
    for train, held_out in ((earlier, latest), (split.train, split.validation)):
        if groups := _groups(dataset, held_out, seed):
            found.append(_Window(dataset.ratings.take(train), groups, none))
    return found


def _groups(dataset: Dataset, held_out: NDArray[np.int64], seed: int) -> list[_Cases]:
    found = []
    kinds: list[tuple[RankingCases, tuple[Relevant, ...]]] = [
        (midpoint_cases(dataset, held_out), ("liked",)),
        (day_cases(dataset, held_out, seed), ("any", "liked")),
    ]
    for cases, readings in kinds:
        with_relevant = np.diff(cases.relevant(readings[0]).indptr) > 0
        cases = cases.take(with_relevant).sample(_MOST_CASES, seed)
        if len(cases):
            found.append(_Cases(cases, tuple(cases.relevant(reading) for reading in readings)))
    return found


def _measure(
    dataset: Dataset,
    windows: Iterable[_Window],
    half_life: float,
    combinations: Iterable[tuple[float, float, float]],
) -> NDArray[np.float64]:
    """NDCG@10 of each combination, mean over windows, kinds of cases and readings, shape (combinations,)."""
    chosen = np.array(combinations, np.float64)
    means = [
        np.mean([_ndcg(dataset, group, window.weights, half_life, chosen) for group in window.groups], axis=0)
        for window in windows
    ]
    return np.mean(means, axis=0)


def _ndcg(
    dataset: Dataset, group: _Cases, weights: csr_matrix, half_life: float, combinations: NDArray[np.float64]
) -> NDArray[np.float64]:
    tie, cases = dataset.derive(tie_order), group.cases
    lists = np.zeros((len(combinations), len(cases), _K), np.int32)
    for row, found in enumerate(case_signals(weights, dataset, cases, half_life, _K)):
        for number, each in enumerate(combinations):
            best, _ = found.top(each, tie, _K)
            lists[number, row, : len(best)] = found.movie_index[best]
    means = []
    for relevant in group.relevant:
        there = np.diff(relevant.indptr) > 0
        wanted, users = relevant[there], cases.user_index[there]
        means.append([mean_over_users(case_metrics(each[there], wanted).ndcg, users) for each in lists])
    return np.mean(means, axis=0)


def midpoint_ndcg(ranker: Ranker, dataset: Dataset, rows: NDArray[np.int64]) -> dict[str, float]:
    """NDCG@10 of the ranking, `ndcg`, and of popularity alone, `ndcg_popularity`, for users at the middle of these events."""
    cases = midpoint_cases(dataset, rows)
    cases = cases.take(np.diff(cases.relevant("liked").indptr) > 0).sample(2 * _MOST_CASES, 0)
    if not len(cases):
        return {}
    settings, group = ranker.settings, _Cases(cases, (cases.relevant("liked"),))
    combinations = [(settings.liked_together, settings.people, settings.popularity), (0.0, 0.0, 1.0)]
    measured = _ndcg(dataset, group, ranker.item_weights, settings.half_life, np.array(combinations))
    return {
        name: round(float(ndcg), 4) for name, ndcg in zip(("ndcg", "ndcg_popularity"), measured, strict=True)
    }
