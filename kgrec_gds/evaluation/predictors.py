"""What a model must be able to do to be evaluated, and the models by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.baseline_estimates import Queries
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.splits import Split
from kgrec_gds.embeddings.methods import VECTOR_PROPERTIES
from kgrec_gds.errors import InputError


@runtime_checkable
class Predictor(Protocol):
    """A rating model. A prediction for an event uses ratings strictly before the event's time only."""

    name: str
    online_history: bool
    """Whether earlier test events may be its history, as they would be in production."""

    def fit(self, dataset: Dataset, split: Split, seed: int) -> object:
        """Choose epochs on validation, then fit on train and validation together; the answer is not used."""

    def predict(self, dataset: Dataset, events: NDArray[np.int64]) -> NDArray[np.float32]:
        """Predicted ratings (1-10) of event rows, shape (len(events),)."""


@runtime_checkable
class QueryPredictor(Predictor, Protocol):
    """A model that also answers for a user, a movie and a time that are no event: ranking, older histories."""

    def predict_queries(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """Predicted ratings (1-10), shape (len(queries),); only ratings strictly before `at` are used."""


@runtime_checkable
class Adopting(Protocol):
    """A model made of others, which need not be fitted twice."""

    def adopt(self, fitted: Mapping[str, Predictor]) -> None:
        """Take over what was just fitted with the same settings, by model name; `fit` fits the rest."""


@runtime_checkable
class Attending(Protocol):
    """A model that can say where it looked."""

    def attend(self, dataset: Dataset, events: NDArray[np.int64]) -> NDArray[np.float32]:
        """Attention weights, shape (len(events), steps), the latest step last, NaN where there is none."""


@dataclass(frozen=True)
class ModelSpec:
    """How a model of the evaluation is made."""

    build: Callable[[str], Predictor]
    """Makes it for a protocol: `paper` has its own features and settings."""
    deterministic: bool = False
    """One run stands for all seeds."""
    ablation: bool = False
    together: bool = False
    """Made of others, or one of those others: best fitted in one process."""
    vectors: str | None = None
    """Method of the vectors it reads instead of those that all others read."""


def _baseline(name: str) -> Callable[[str], Predictor]:
    def build(protocol: str) -> Predictor:
        from kgrec_gds.models import baselines

        return baselines.build(name, protocol)

    return build


def _trees_default(protocol: str) -> Predictor:
    del protocol
    from kgrec_gds.evaluation.adapters import QueriedTrees
    from kgrec_gds.models.trees import SHIPPED

    return QueriedTrees(graph=True, settings=SHIPPED)


def _trees(*, graph: bool) -> Callable[[str], Predictor]:
    def build(protocol: str) -> Predictor:
        if protocol == "paper" and not graph:
            from kgrec_gds.models import baselines

            return baselines.build("trees", protocol)
        from kgrec_gds.evaluation.adapters import QueriedTrees

        return QueriedTrees(graph=graph)

    return build


def _network(ablation: str | None = None) -> Callable[[str], Predictor]:
    def build(protocol: str) -> Predictor:
        from kgrec_gds.evaluation import adapters

        return adapters.PublishedNetwork() if protocol == "paper" else adapters.network(ablation)

    return build


def _network_on(method: str) -> Callable[[str], Predictor]:
    def build(protocol: str) -> Predictor:
        from kgrec_gds.evaluation.adapters import NetworkOnOtherVectors

        del protocol
        return NetworkOnOtherVectors(method)

    return build


def _default(protocol: str) -> Predictor:
    del protocol
    from kgrec_gds.evaluation.adapters import QueriedDefault

    return QueriedDefault()


MODELS: dict[str, ModelSpec] = {
    "global_mean": ModelSpec(_baseline("global_mean"), deterministic=True),
    "biases_static": ModelSpec(_baseline("biases_static"), deterministic=True),
    "biases_causal": ModelSpec(_baseline("biases_causal"), deterministic=True),
    "svd": ModelSpec(_baseline("svd")),
    "svd_tuned": ModelSpec(_baseline("svd_tuned")),
    "svd_folded": ModelSpec(_baseline("svd_folded")),
    "ncf": ModelSpec(_baseline("ncf")),
    "ffnn": ModelSpec(_baseline("ffnn")),
    "lstm": ModelSpec(_baseline("lstm")),
    "trees": ModelSpec(_trees(graph=False)),
    "trees_graph": ModelSpec(_trees(graph=True), together=True),
    "trees_default": ModelSpec(_trees_default, together=True),
    "attention_lstm": ModelSpec(_network(), together=True),
    "default": ModelSpec(_default, together=True),
    "attention_lstm:no_vectors": ModelSpec(_network("no_vectors"), ablation=True),
    "attention_lstm:no_graph_features": ModelSpec(_network("no_graph_features"), ablation=True),
    "attention_lstm:no_graph": ModelSpec(_network("no_graph"), ablation=True),
    "attention_lstm:no_attention": ModelSpec(_network("no_attention"), ablation=True),
    "attention_lstm:no_lstm": ModelSpec(_network("no_lstm"), ablation=True),
    **{
        f"attention_lstm:{method}": ModelSpec(_network_on(method), ablation=True, vectors=method)
        for method in VECTOR_PROPERTIES
    },
}


def measurable(dataset: Dataset) -> tuple[str, ...]:
    """All models that a data set can feed: those on other vectors need these vectors."""
    others = {vectors.method for vectors in dataset.others}
    return tuple(name for name, spec in MODELS.items() if spec.vectors is None or spec.vectors in others)


def spec_of(name: str) -> ModelSpec:
    """The model of that name.

    Raises:
        InputError: where there is none.
    """
    if name not in MODELS:
        raise InputError(f"A model is one of {', '.join(MODELS)}; received '{name}'. Try `--models default`.")
    return MODELS[name]
