"""What the audit command can look at: the presets, a user's own feature function, and the model."""

import importlib
import logging
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.splits import Split
from kgrec_gds.errors import InputError
from kgrec_gds.evaluation.leakage_audit import FeatureFunction, Finding, Predict, audit, refuse_no_ratings
from kgrec_gds.features.paper_features import LATER_SNAPSHOTS, paper_features
from kgrec_gds.features.table import causal_features

Preset = Literal["default", "paper"]

#: Events on which the stand-in for a trained model is fitted: what it may see does not depend on how good it is.
_QUICK_EVENTS = 3000


@dataclass(frozen=True)
class AuditReport:
    """What `kgrec-gds audit --json` prints."""

    audited: str
    """The preset, or `module:function`."""
    model: str | None
    """Model id of the last row's model, `quick` for a stand-in, None where no prediction was audited."""
    features: list[Finding]
    seconds: dict[str, float]


def feature_function(preset: Preset, own: str | None = None) -> tuple[FeatureFunction, tuple[str, ...]]:
    """The features to audit, and which of them are declared to come from a later snapshot.

    Args:
        preset: `default` or `paper`.
        own: `module:function` instead; modules beside the working directory are found.

    Raises:
        InputError: there is no such function.
    """
    if own is None:
        return (causal_features, ()) if preset == "default" else (paper_features, LATER_SNAPSHOTS)
    module, separator, name = own.partition(":")
    if not (separator and module and name):
        raise InputError(f"--features should be module:function, such as my_features:make; received {own!r}.")
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        function = getattr(importlib.import_module(module), name)
    except Exception as error:  # a module of the user's can fail in any way
        raise InputError(
            f"--features should name a function that can be imported, but {type(error).__name__}: {error}. "
            "Is the module installed, or in the working directory?"
        ) from error
    if not callable(function):
        raise InputError(
            f"--features should name a function of a data set; {own} is {type(function).__name__}."
        )
    return function, ()


def model_prediction(dataset: Dataset, model_id: str | None) -> tuple[Predict, str]:
    """The prediction of a trained run, or of a model fitted quickly, with its fitted parts held fixed.

    Args:
        dataset: for the quick fit.
        model_id: a run, or None for a quick fit.

    Returns:
        The prediction and the model's name.
    """
    from kgrec_gds.models.attention_lstm.hyperparameters import Settings
    from kgrec_gds.models.default import DefaultPredictor, DefaultSettings
    from kgrec_gds.models.run_folder import RunFolder
    from kgrec_gds.models.trees import SHIPPED

    # Every changed data set is traced anew; that this costs time is no news here.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    if model_id is not None:
        return DefaultPredictor.load_for(RunFolder.open(model_id), dataset).predict, model_id
    quick = DefaultSettings(Settings(epochs=1, members=1, min_ratings=1), replace(SHIPPED, most_trees=30))
    model = DefaultPredictor(quick)
    some = np.arange(max(len(dataset.ratings) - _QUICK_EVENTS, 0), len(dataset.ratings))
    nothing = some[:0]
    return model.fit(dataset, Split("global", some, nothing, nothing), seed=0).predict, "quick"


def run_audit(
    dataset: Dataset,
    preset: Preset,
    own: str | None = None,
    *,
    model_id: str | None = None,
    with_model: bool = True,
) -> tuple[list[Finding], str | None]:
    """Audit a preset or a user's features; with the default preset, the model too, end to end.

    Returns:
        The findings, and the name of the model that was audited.

    Raises:
        InputError: no ratings, or features that are none.
    """
    refuse_no_ratings(dataset)  # before a model is fitted to none
    features, declared = feature_function(preset, own)
    predict, model = None, None
    if with_model and preset == "default" and own is None:
        predict, model = model_prediction(dataset, model_id)
    return audit(dataset, features, predict=predict, later_snapshots=declared), model
