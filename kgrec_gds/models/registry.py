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
    """Whether its predictions come with attention weights."""
    online_history: bool = True
    """Whether ratings after the fit are history of later queries, as in production."""
    reads_vectors: bool = False
    """Whether it reads knowledge-graph vectors where there are any."""
    deterministic: bool = False
    """One fit stands for all seeds."""
    recommends: bool = True
    """Whether it answers for movies that the user has not rated; `paper` models do not."""
    mean_of: tuple[str, ...] = ()
    """Its prediction is the mean of these models' predictions."""
    distributed: bool = False
    """Whether several processes can train it together."""
    user_parameters: bool = False
    """Whether each user has fitted parameters, which know all of the user's training ratings whatever the history."""


_BASELINES = "kgrec_gds.models.baselines"

MODELS: dict[str, ModelEntry] = {
    "global_mean": ModelEntry(
        f"{_BASELINES}.simple_baselines:GlobalMean", online_history=False, deterministic=True
    ),
    "baseline_static": ModelEntry(
        f"{_BASELINES}.svd:BaselineStatic", online_history=False, deterministic=True, user_parameters=True
    ),
    "baseline_causal": ModelEntry(f"{_BASELINES}.simple_baselines:BaselineCausal", deterministic=True),
    "svd": ModelEntry(f"{_BASELINES}.svd:Svd", online_history=False, user_parameters=True),
    "svd_tuned": ModelEntry(f"{_BASELINES}.svd:SvdTuned", online_history=False, user_parameters=True),
    "svd_folded": ModelEntry(f"{_BASELINES}.svd_folded:SvdFolded"),
    "ncf": ModelEntry(f"{_BASELINES}.ncf:Ncf", online_history=False, user_parameters=True),
    "feed_forward": ModelEntry(f"{_BASELINES}.feed_forward:FeedForward"),
    "lstm": ModelEntry(f"{_BASELINES}.lstm:Lstm"),
    "trees": ModelEntry("kgrec_gds.models.trees:Trees"),
    "trees_graph": ModelEntry("kgrec_gds.models.trees:Trees", {"graph": True}, reads_vectors=True),
    "attention_lstm": ModelEntry(
        "kgrec_gds.models.attention_lstm.model:AttentionLstm",
        attends=True,
        reads_vectors=True,
        distributed=True,
    ),
    "blend": ModelEntry(
        "kgrec_gds.models.blend:Blend",
        attends=True,
        reads_vectors=True,
        mean_of=("attention_lstm", "trees_graph"),
    ),
    "paper": ModelEntry("kgrec_gds.models.paper:Paper", reads_vectors=True, recommends=False),
    "paper_lstm": ModelEntry(f"{_BASELINES}.published_baselines:PaperPlainLstm", recommends=False),
    "paper_feed_forward": ModelEntry(f"{_BASELINES}.published_baselines:PaperFeedForward", recommends=False),
    "paper_trees": ModelEntry(f"{_BASELINES}.published_baselines:PaperTrees", recommends=False),
}

DEFAULT_MODEL = "attention_lstm"


def entry(name: str) -> ModelEntry:
    """What the registry says of a model.

    Raises:
        InputError: no model has this name.
    """
    if name not in MODELS:
        raise InputError(f"Unknown model {name!r}; expected one of {', '.join(MODELS)}.")
    return MODELS[name]


def why_not_delayed(name: str, protocol: str) -> str | None:
    """Why a model has no error with a day-old or month-old history under a protocol; None where it has one.

    Raises:
        InputError: no model has this name.
    """
    if not entry(name).recommends:
        return "the features contain the rating itself, however old the history"
    if protocol == "paper":
        return "the random split trains on ratings of the same day"
    if protocol == "per-user" and entry(name).user_parameters:
        return "user parameters were fitted on the user's ratings of the last day"
    return None


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
