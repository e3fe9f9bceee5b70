"""What the leakage audit can audit: feature columns, a function of a data set, a fitted model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.errors import InputError
from kgrec_gds.features.table import Features, FeatureTable
from kgrec_gds.models.base import RatingModel
from kgrec_gds.models.delays import HORIZONS

FeatureFunction = Callable[[Dataset], Any]
"""Gives a `FeatureTable`, a data frame, or columns by name, with one row an event."""


@dataclass(frozen=True)
class Subject:
    """Something to audit."""

    names: tuple[str, ...]
    compute: Callable[[Dataset, Queries, NDArray[np.int64]], NDArray[np.floating]]
    """Takes a data set, queries about rated events, and the rows of these events (meaningless with a delay, when the
    data set may lack them); gives shape (queries, names)."""
    delays: tuple[int, ...] = tuple(HORIZONS.values())
    """Delays of the queries that it can answer, in seconds."""
    tolerance: float = 1e-5
    """Least change that counts, relative to the value where that is above 1."""
    queries: int = 2_000
    """Most queries compared under one change."""
    every_change: bool = True
    """Whether every change is tried, or only some of each kind because it takes long."""
    later_snapshots: frozenset[str] = frozenset()
    """Names that are declared to come from a later snapshot."""


def feature_columns(dataset: Dataset) -> Subject:
    """All columns of `Features`."""
    names = dataset.derive(Features).names

    def compute(changed: Dataset, queries: Queries, _rows: NDArray[np.int64]) -> NDArray[np.float32]:
        return changed.derive(Features).table(queries, names).values

    return Subject(names, compute)


def columns_of_function(
    dataset: Dataset, function: FeatureFunction, later_snapshots: Sequence[str] = ()
) -> Subject:
    """The columns of a function of a data set, which exist for its events only.

    Raises:
        InputError: the function does not give numbers by name, with one row an event.
    """
    names = _table(function(dataset), len(dataset.ratings)).names
    declared = frozenset((*later_snapshots, *getattr(function, "later_snapshots", ())))

    def compute(changed: Dataset, _queries: Queries, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        table = _table(function(changed), len(changed.ratings))
        if missing := [name for name in names if name not in table.names]:
            raise InputError(
                f"Feature columns {missing} vanished; expected the same columns from every call."
            )
        return table.values[rows][:, [table.names.index(name) for name in names]]

    return Subject(names, compute, delays=(0,), queries=len(dataset.ratings), later_snapshots=declared)


def prediction(model: RatingModel, name: str) -> Subject:
    """A fitted model's prediction, end to end; what it learned in the fit stays as it is."""

    def compute(changed: Dataset, queries: Queries, _rows: NDArray[np.int64]) -> NDArray[np.float32]:
        return model.predict(changed, queries)[:, None]

    # Its sums may be added up in another order.
    return Subject((f"prediction of {name}",), compute, tolerance=1e-3, queries=200, every_change=False)


def _table(result: Any, events: int) -> FeatureTable:
    if not isinstance(result, FeatureTable):
        if not hasattr(result, "keys"):
            raise InputError(
                f"Invalid features of type {type(result).__name__}; expected columns by name: a dict, a DataFrame or a "
                "FeatureTable."
            )
        columns = {str(name): np.asarray(result[name]) for name in result}
        try:
            values = np.stack([column.astype(np.float64) for column in columns.values()], axis=1)
        except (TypeError, ValueError) as error:
            raise InputError(f"Invalid features: {error}. Expected numbers with one row an event.") from error
        result = FeatureTable(tuple(columns), values.astype(np.float32))
    if result.values.shape != (events, len(result.names)):
        raise InputError(
            f"Invalid features of shape {result.values.shape}; expected one row an event: {events} rows and "
            f"{len(result.names)} columns."
        )
    return result
