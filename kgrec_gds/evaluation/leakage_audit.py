"""The leakage audit: does a feature, or a model's prediction, move when what it must not know is changed?

For a sample of events the own rating is changed; for a sample of moments every rating at or after them is changed,
then everything after them removed; for a sample of events everything else at or after them is removed. What moves
knew. The audit runs the real computation and believes no declaration but one: what comes from a later snapshot.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.errors import InputError
from kgrec_gds.evaluation.perturbations import alone, with_other_ratings, with_other_snapshot, without_later
from kgrec_gds.features.table import FeatureTable

Outcome = Literal["clean", "contains_target", "sees_future", "later_snapshot"]
#: What a feature function may return: a `FeatureTable`, a data frame, or columns by name; one row an event.
FeatureFunction = Callable[[Dataset], Any]
Predict = Callable[[Dataset, NDArray[np.int64]], NDArray[np.floating]]

#: The change that is kept for an entry that became or ceased to be NaN.
_APPEARED = 1e6
#: Changed targets that a model is asked about.
_MODEL_TARGETS = 2
_KINDS: tuple[Outcome, ...] = ("contains_target", "sees_future", "later_snapshot")


@dataclass(frozen=True)
class AuditSettings:
    """How hard to look."""

    targets: int = 6
    """Events whose own rating is changed, one after the other."""
    moments: int = 3
    """Moments from which on ratings are changed, then removed."""
    rows: int = 200
    """Events a model predicts under each change; features are compared for all events."""
    tolerance: float = 1e-5
    """A feature that moves by less, relative to its size where that is above 1, has not moved."""
    prediction_tolerance: float = 1e-3
    """The same for a prediction, whose sums may be added up in another order."""
    seed: int = 0
    """Of the samples."""


@dataclass(frozen=True)
class Finding:
    """What the audit says of one feature."""

    name: str
    verdict: Outcome
    largest_change: float
    """Of the kind that the verdict names; over all kinds where it is clean."""


@dataclass(frozen=True)
class Subject:
    """Something to audit: `compute(dataset, rows)` gives (len(rows), len(names)) numbers of those event rows."""

    names: tuple[str, ...]
    compute: Callable[[Dataset, NDArray[np.int64]], NDArray[np.float64]]
    tolerance: float
    rows: int | None = None
    """Most rows to compare under one change, for a model; None for all rows and all changes."""


@dataclass(frozen=True)
class _Change:
    kind: Outcome
    dataset: Dataset
    rows: NDArray[np.int64]
    """Event rows to compare."""
    where: NDArray[np.int64]
    """Their row numbers in the changed data set."""
    essential: bool
    """Whether a model, which may need long for a data set it has not seen, is asked too."""


def audit(
    dataset: Dataset,
    features: FeatureFunction,
    *,
    predict: Predict | None = None,
    later_snapshots: Iterable[str] = (),
    settings: AuditSettings | None = None,
) -> list[Finding]:
    """Audit a feature function, and a model end to end.

    Args:
        dataset: real ratings; a few hundred are enough to find a leak.
        features: makes the features of every event of a data set.
        predict: a fitted model's prediction of event rows; its fitted parts are held fixed. It becomes the last row.
        later_snapshots: names of features that are declared to come from a later snapshot; a function can declare
            them itself, as its attribute `later_snapshots`.
        settings: see `AuditSettings`.

    Returns:
        One finding a feature, in the order of its columns, then `prediction` where there is a model.

    Raises:
        InputError: no ratings, or the features are not numbers with one row an event.
    """
    settings = settings or AuditSettings()
    refuse_no_ratings(dataset)
    names = _table(features(dataset), len(dataset.ratings)).names
    subjects = [Subject(names, _compute(features, names), settings.tolerance)]
    if predict is not None:
        model = _compute_prediction(predict)
        subjects.append(Subject(("prediction",), model, settings.prediction_tolerance, settings.rows))
    declared = {*later_snapshots, *getattr(features, "later_snapshots", ())}
    changes = list(_changes(dataset, settings))
    findings: list[Finding] = []
    for subject in subjects:
        found = _largest_changes(dataset, subject, changes)
        findings += [
            _finding(name, {kind: found[kind][column] for kind in _KINDS}, subject.tolerance, declared)
            for column, name in enumerate(subject.names)
        ]
    return findings


def refuse_no_ratings(dataset: Dataset) -> None:
    """Raise InputError where there is nothing to change."""
    if not len(dataset.ratings):
        raise InputError(
            "The audit needs ratings to change; the data set has none. Import some with --ratings."
        )


def _changes(dataset: Dataset, settings: AuditSettings) -> Iterator[_Change]:
    rated_at = dataset.ratings.rated_at
    rng = np.random.default_rng(settings.seed)
    every = np.arange(len(rated_at))
    targets = np.sort(rng.choice(every, min(settings.targets, len(every)), replace=False))
    for number, target in enumerate(targets[:, None]):
        yield _Change(
            "contains_target", with_other_ratings(dataset, target), target, target, number < _MODEL_TARGETS
        )
    moments = _moments(rated_at, settings.moments)
    for moment in moments:
        known = every[rated_at <= moment]
        later = every[rated_at >= moment]
        yield _Change("sees_future", with_other_ratings(dataset, later), known, known, essential=True)
        yield _Change("sees_future", without_later(dataset, moment), known, known, moment == moments[0])
    for number, target in enumerate(targets[: settings.moments]):
        changed, row = alone(dataset, int(target))
        yield _Change("sees_future", changed, np.array([target]), np.array([row]), essential=not number)
    yield _Change("later_snapshot", with_other_snapshot(dataset), every, every, essential=True)


def _moments(rated_at: NDArray[np.int64], number: int) -> list[int]:
    """Moments spread over the log, and the one at which most ratings were given: ties are where leaks hide."""
    places: NDArray[np.int64] = np.linspace(0, len(rated_at) - 1, number + 1).astype(np.int64)[1:-1]
    moments, counts = np.unique(rated_at, return_counts=True)
    return sorted({*(int(rated_at[place]) for place in places), int(moments[counts.argmax()])})


def _largest_changes(
    dataset: Dataset, subject: Subject, changes: list[_Change]
) -> dict[Outcome, NDArray[np.float64]]:
    picked = [_pick(change, subject.rows) for change in changes if change.essential or subject.rows is None]
    # Once for all changes: on the unchanged data there is one answer, and a model may need long for it.
    rows = np.unique(np.concatenate([change.rows for change in picked]))
    before = subject.compute(dataset, rows)
    found = {kind: np.zeros(len(subject.names)) for kind in _KINDS}
    for change in picked:
        after = subject.compute(change.dataset, change.where)
        moved = _moved(before[np.searchsorted(rows, change.rows)], after)
        found[change.kind] = np.maximum(found[change.kind], moved)
    return found


def _pick(change: _Change, most: int | None) -> _Change:
    if most is None or len(change.rows) <= most:
        return change
    # The last ones before the change would see it first; the others, evenly spread, stand for the rest.
    half = most // 2
    spread = np.linspace(0, len(change.rows) - half - 1, half).astype(np.int64)
    pick = np.append(spread, np.arange(len(change.rows) - half, len(change.rows)))
    return replace(change, rows=change.rows[pick], where=change.where[pick])


def _moved(before: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.float64]:
    """Largest change by column, relative where values are above 1; shape (features,)."""
    size = np.maximum(1.0, np.maximum(np.abs(before), np.abs(after)))
    change = np.abs(before - after) / size
    change[np.isnan(before) & np.isnan(after)] = 0.0
    return np.nan_to_num(change, nan=_APPEARED, posinf=_APPEARED).max(axis=0, initial=0.0)


def _finding(name: str, changes: Mapping[Outcome, float], tolerance: float, declared: set[str]) -> Finding:
    if name in declared or changes["later_snapshot"] > tolerance:
        return Finding(name, "later_snapshot", float(changes["later_snapshot"]))
    for kind in _KINDS[:2]:
        if changes[kind] > tolerance:
            return Finding(name, kind, float(changes[kind]))
    return Finding(name, "clean", float(max(changes.values())))


def _compute(
    features: FeatureFunction, names: tuple[str, ...]
) -> Callable[[Dataset, NDArray[np.int64]], NDArray[np.float64]]:
    def compute(dataset: Dataset, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        table = _table(features(dataset), len(dataset.ratings))
        missing = [name for name in names if name not in table.names]
        if missing:
            raise InputError(
                f"A feature function should give the same columns every time; {missing} vanished."
            )
        order = [table.names.index(name) for name in names]
        return np.asarray(table.values, np.float64)[rows][:, order]

    return compute


def _compute_prediction(
    predict: Predict,
) -> Callable[[Dataset, NDArray[np.int64]], NDArray[np.float64]]:
    return lambda dataset, rows: np.asarray(predict(dataset, rows), np.float64)[:, None]


def _table(result: Any, events: int) -> FeatureTable:
    if not isinstance(result, FeatureTable):
        if not hasattr(result, "keys"):
            raise InputError(
                "A feature function should give columns by name, as a dict, a DataFrame or a FeatureTable; it gave "
                f"{type(result).__name__}."
            )
        columns = {str(name): np.asarray(result[name]) for name in result}
        try:
            values = np.stack([column.astype(np.float64) for column in columns.values()], axis=1)
        except (TypeError, ValueError) as error:
            raise InputError(f"Features should be numbers, one row an event ({error}).") from error
        result = FeatureTable(tuple(columns), values.astype(np.float32))
    if result.values.shape != (events, len(result.names)):
        raise InputError(
            f"Features should have one row an event: {events} rows, {len(result.names)} columns; "
            f"received {result.values.shape}."
        )
    return result
