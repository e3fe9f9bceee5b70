"""The models by name: `train --model NAME` trains any of them, `evaluate` compares them.

A new model is one file with a subclass of `RatingModel`, and one line here.
"""

import importlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kgrec_gds.errors import InputError

if TYPE_CHECKING:
    from kgrec_gds.models.base import RatingModel


@dataclass(frozen=True)
class ModelEntry:
    """How a model is built, and what it can do."""

    path: str
    """`module:class` of the subclass of `RatingModel`; imported when the model is built."""
    settings: dict[str, Any] = field(default_factory=dict)
    """Arguments of the class."""
    attends: bool = False
    reads_vectors: bool = False
    """Whether it reads knowledge-graph vectors where there are any."""
    deterministic: bool = False
    """One fit stands for all seeds."""
    recommends: bool = True
    """Whether it answers for movies that the user has not rated; `paper` models do not."""
    mean_of: tuple[str, ...] = ()
    """Its prediction is the mean of these models' predictions."""


MODELS: dict[str, ModelEntry] = {}

DEFAULT_MODEL = "attention_lstm"


def entry(name: str) -> ModelEntry:
    """What the registry says of a model.

    Raises:
        InputError: no model has this name.
    """
    if name not in MODELS:
        raise InputError(f"Unknown model {name!r}; expected one of {', '.join(MODELS)}.")
    return MODELS[name]


def model_class(name: str) -> "type[RatingModel]":
    """The class of a model.

    Raises:
        InputError: no model has this name.
    """
    module, _, attribute = entry(name).path.partition(":")
    found: type[RatingModel] = getattr(importlib.import_module(module), attribute)
    return found


def build(name: str, **settings: Any) -> "RatingModel":
    """An unfitted model.

    Args:
        name: its name in `MODELS`.
        settings: arguments of its class, over those of the registry.

    Raises:
        InputError: no model has this name.
    """
    return model_class(name)(**(entry(name).settings | settings))
