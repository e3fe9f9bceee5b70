"""Test features and predictions for target leakage and look-ahead."""

import importlib
import logging
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.splits import Split
from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import InputError
from kgrec_gds.evaluation.audit_subjects import (
    FeatureFunction,
    columns_of_function,
    feature_columns,
    prediction,
)
from kgrec_gds.evaluation.leakage_audit import Finding
from kgrec_gds.evaluation.leakage_audit import audit as audit_subjects
from kgrec_gds.features.paper_features import LATER_SNAPSHOTS, paper_features
from kgrec_gds.models.base import RatingModel
from kgrec_gds.models.registry import DEFAULT_MODEL, build, entry
from kgrec_gds.progress import Timer, say

Preset = Literal["default", "paper"]
PRESETS: tuple[Preset, ...] = ("default", "paper")

#: Ratings that a model is fitted on for the audit: what it may read does not depend on how good it is.
_QUICK_RATINGS = 3_000


@dataclass(frozen=True)
class AuditReport:
    """The findings, and what they are about."""

    audited: str
    """The preset, or `module:function`."""
    model: str | None
    """Model run or model whose prediction was audited, None where only features were."""
    features: list[Finding]
    """One finding a feature; the prediction's is the last."""
    seconds: dict[str, float]


def audit(
    connection: Connection,
    *,
    preset: Preset = "default",
    features: str | None = None,
    model: str | None = None,
    model_id: str | None = None,
    with_model: bool = True,
) -> AuditReport:
    """Audit a preset or your own features on the graph's ratings; with the default preset, a model too.

    `features` is a `module:function` that takes a `Dataset` and gives columns by name. The model is the run `model_id`, by
    default the promoted or latest one, or a quick fit of `model`, by default that of the default model if there is no run.

    Raises:
        InputError: no ratings, no such function, or a model that reads the rating itself.
        ModelRunError: no such model run, or it does not fit the graph.
    """
    timer = Timer()
    models: dict[str, RatingModel] = {}
    audits_model = with_model and preset == "default" and features is None
    with timer.stage("pull"):
        dataset, run = _pull(connection, model_id, from_run=audits_model and model is None)
    say(f"Auditing on {len(dataset.ratings):,} ratings.")
    with timer.stage("audit"):
        if audits_model:
            models = run or {name: quick_model(dataset, name) for name in [model or DEFAULT_MODEL]}
        findings = audit_dataset(dataset, preset, features, models=models)
    return AuditReport(features or preset, next(iter(models), None), findings, timer.seconds)


def audit_dataset(
    dataset: Dataset,
    preset: Preset = "default",
    features: str | None = None,
    models: Mapping[str, RatingModel] | None = None,
) -> list[Finding]:
    """Audit features of a data set, then the predictions of fitted models by name.

    Raises:
        InputError: no ratings, or no such function.
    """
    if features is not None:
        subjects = [columns_of_function(dataset, feature_function(features))]
    elif preset == "paper":
        subjects = [columns_of_function(dataset, paper_features, LATER_SNAPSHOTS)]
    else:
        subjects = [feature_columns(dataset)]
    subjects += [prediction(model, name) for name, model in (models or {}).items()]
    return audit_subjects(dataset, subjects)


def feature_function(name: str) -> FeatureFunction:
    """Import `module:function`, also from the working directory.

    Raises:
        InputError: there is no such function.
    """
    module, separator, attribute = name.partition(":")
    if not (separator and module and attribute):
        raise InputError(f"Invalid features {name!r}; expected module:function, such as my_features:make.")
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        function = getattr(importlib.import_module(module), attribute)
    except Exception as error:  # a user's module can fail in any way
        raise InputError(
            f"Cannot import features {name!r}: {type(error).__name__}: {error}. Expected a function in an installed "
            "module or in the working directory."
        ) from error
    if not callable(function):
        raise InputError(f"Invalid features {name!r}: a {type(function).__name__}; expected a function.")
    found: FeatureFunction = function
    return found


def quick_model(dataset: Dataset, name: str) -> RatingModel:
    """A model of the registry, fitted on a few of the latest ratings.

    Raises:
        InputError: no ratings, no such model, or one that reads the rating itself.
    """
    if not entry(name).recommends:
        raise InputError(
            f"Model {name!r} reads the rating that it predicts; its audit is that of preset paper."
        )
    count = len(dataset.ratings)
    if not count:
        raise InputError("The audit needs ratings to change. Import some with kgrec-gds import --ratings.")
    # Each changed data set is traced again; TensorFlow's warning that this takes time is of no use here.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    rows = np.arange(max(count - _QUICK_RATINGS, 0), count)
    train, validation = np.split(rows, [-(-4 * len(rows) // 5)])
    return build(name).fit(dataset, Split("global", train, validation, rows[:0]), seed=0)


def _pull(
    connection: Connection, model_id: str | None, *, from_run: bool
) -> tuple[Dataset, dict[str, RatingModel]]:
    """The graph's data set, and the model run with which to predict, if there is one."""
    from kgrec_gds.data.pull import available_methods, pull
    from kgrec_gds.models.run_folder import RunFolder
    from kgrec_gds.serving.loaded_model import LoadedModel

    recommending = any(run.recommends for run in RunFolder.all() if run.state == "finished")
    if from_run and (model_id is not None or recommending):
        loaded = LoadedModel.load(connection, model_id)
        return loaded.dataset, {loaded.run.model_id: loaded.model}
    return pull(connection, next(iter(available_methods(connection)), None)), {}
