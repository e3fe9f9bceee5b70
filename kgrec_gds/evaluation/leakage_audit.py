"""The leakage audit: does a feature, or a model's prediction, depend on ratings that it must not know?

For a sample of events the event's own rating is changed; for a sample of times every rating from then on is changed, and
then removed; for a sample of events every other rating from then on is removed. Whatever changes with them leaks its
target or looks ahead. Features and models that answer queries are also tested with a history that is a day and a
month old: there the ratings of the last day and month must not matter either. The audit runs the real computation and
believes one declaration only, that a column comes from a later snapshot.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.errors import InputError
from kgrec_gds.evaluation.audit_subjects import Subject
from kgrec_gds.evaluation.perturbations import alone, with_other_ratings, with_other_snapshot, without_later
from kgrec_gds.models.delays import HORIZONS

Verdict = Literal["clean", "contains_target", "sees_future", "later_snapshot"]
#: Reported as the change of a value that became NaN or ceased to be.
_APPEARED = 1e6
_MODEL_TARGETS = 2
_KINDS: tuple[Verdict, ...] = ("later_snapshot", "contains_target", "sees_future")


@dataclass(frozen=True)
class AuditSettings:
    """How thorough the audit is."""

    targets: int = 6
    """Events whose own rating is changed, one after the other; a model is tested with two of them."""
    times: int = 3
    """Times from which on ratings are changed, then removed."""
    seed: int = 0
    """Of the sample of events."""


@dataclass(frozen=True)
class Finding:
    """The verdict on one feature or prediction."""

    name: str
    verdict: Verdict
    largest_change: float
    """Of the kind that the verdict names; of all kinds where it is clean."""


_Rows = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Event rows to compare, and their rows in the changed data set."""


@dataclass(frozen=True)
class _Change:
    kind: Verdict
    dataset: Dataset
    rows: dict[int, _Rows]
    """By delay."""
    essential: bool
    """Whether it is tried on subjects with which only some changes are."""


def audit(
    dataset: Dataset, subjects: Sequence[Subject], settings: AuditSettings | None = None
) -> list[Finding]:
    """Audit features and models on real ratings, of which a few hundred are enough to find a leak.

    Returns:
        One finding a name, in the order of the subjects.

    Raises:
        InputError: there are no ratings.
    """
    if not len(dataset.ratings):
        raise InputError("The audit needs ratings to change. Import some with kgrec-gds import --ratings.")
    changes = list(_changes(dataset, settings or AuditSettings()))
    unchanged = [_unchanged(dataset, subject, changes) for subject in subjects]
    largest = [{kind: np.zeros(len(subject.names)) for kind in _KINDS} for subject in subjects]
    for change in changes:
        changed = replace(change.dataset)  # what subjects derive from it is shared, and freed with it
        for subject, before, found in zip(subjects, unchanged, largest, strict=True):
            for delay, (rows, rows_after) in _compared_rows(subject, change):
                queries = Queries.of(dataset.ratings.take(rows)).delayed(delay)
                after = np.asarray(subject.compute(changed, queries, rows_after), np.float64)
                change_here = _change(before(delay, rows), after)
                found[change.kind] = np.maximum(found[change.kind], change_here)
    return [
        _finding(name, {kind: found[kind][column] for kind in _KINDS}, subject)
        for subject, found in zip(subjects, largest, strict=True)
        for column, name in enumerate(subject.names)
    ]


def _changes(dataset: Dataset, settings: AuditSettings) -> Iterator[_Change]:
    rated_at = dataset.ratings.rated_at
    every = np.arange(len(rated_at))
    rng = np.random.default_rng(settings.seed)
    targets = np.sort(rng.choice(every, min(settings.targets, len(every)), replace=False))

    for number, target in enumerate(targets[:, None]):
        rows = dict.fromkeys(HORIZONS.values(), (target, target))
        yield _Change("contains_target", with_other_ratings(dataset, target), rows, number < _MODEL_TARGETS)
    times = _times(rated_at, settings.times)
    for time in times:
        rows = {delay: (every[rated_at - delay <= time],) * 2 for delay in HORIZONS.values()}
        changed = with_other_ratings(dataset, every[rated_at >= time])
        yield _Change("sees_future", changed, rows, essential=True)
        yield _Change("sees_future", without_later(dataset, time), rows, time == times[0])
    for number, target in enumerate(targets[: settings.times]):
        changed, row = alone(dataset, int(target))
        yield _Change("sees_future", changed, {0: (np.array([target]), np.array([row]))}, not number)
    yield _Change("later_snapshot", with_other_snapshot(dataset), {0: (every, every)}, essential=True)


def _times(rated_at: NDArray[np.int64], number: int) -> list[int]:
    """Times spread over the log, and the one with the most ratings: ties are where leaks hide."""
    rows: NDArray[np.int64] = np.linspace(0, len(rated_at) - 1, number + 1).astype(np.int64)[1:-1]
    times, counts = np.unique(rated_at, return_counts=True)
    return sorted({*rated_at[rows].tolist(), int(times[counts.argmax()])})


def _compared_rows(subject: Subject, change: _Change) -> Iterator[tuple[int, _Rows]]:
    if not (change.essential or subject.every_change):
        return
    for delay in subject.delays:
        before, after = change.rows.get(delay, (np.arange(0),) * 2)
        if len(before) > subject.queries:
            # The last events before the change would be the first to see it; the others represent the rest.
            half = subject.queries // 2
            first = len(before) - half
            others = np.linspace(0, first - 1, half).astype(np.int64)
            chosen = np.append(others, np.arange(first, len(before)))
            before, after = before[chosen], after[chosen]
        if len(before):
            yield delay, (before, after)


def _unchanged(
    dataset: Dataset, subject: Subject, changes: list[_Change]
) -> Callable[[int, NDArray[np.int64]], NDArray[np.float64]]:
    """The values on the unchanged data, computed once for all changes."""
    wanted: dict[int, list[NDArray[np.int64]]] = {}
    for change in changes:
        for delay, (before, _) in _compared_rows(subject, change):
            wanted.setdefault(delay, []).append(before)
    kept: dict[int, tuple[NDArray[np.int64], NDArray[np.float64]]] = {}
    for delay, parts in wanted.items():
        rows = np.unique(np.concatenate(parts))
        queries = Queries.of(dataset.ratings.take(rows)).delayed(delay)
        kept[delay] = rows, np.asarray(subject.compute(dataset, queries, rows), np.float64)

    def values(delay: int, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        all_rows, all_values = kept[delay]
        return all_values[np.searchsorted(all_rows, rows)]

    return values


def _change(before: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.float64]:
    """Largest change by column, relative where values are above 1; shape (names,)."""
    size = np.maximum(1.0, np.maximum(np.abs(before), np.abs(after)))
    change = np.abs(before - after) / size
    change[np.isnan(before) & np.isnan(after)] = 0.0
    return np.nan_to_num(change, nan=_APPEARED, posinf=_APPEARED).max(axis=0, initial=0.0)


def _finding(name: str, changes: Mapping[Verdict, float], subject: Subject) -> Finding:
    for kind in _KINDS:
        declared = kind == "later_snapshot" and name in subject.later_snapshots
        if declared or changes[kind] > subject.tolerance:
            return Finding(name, kind, float(changes[kind]))
    return Finding(name, "clean", float(max(changes.values())))
