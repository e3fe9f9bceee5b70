"""What `evaluate` can measure: the models of the registry, and variants of the attention-LSTM."""

from dataclasses import dataclass, field
from typing import Any

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.embeddings.methods import VECTOR_PROPERTIES
from kgrec_gds.errors import InputError
from kgrec_gds.models.attention_lstm.hyperparameters import ABLATIONS
from kgrec_gds.models.base import RatingModel
from kgrec_gds.models.registry import MODELS, ModelEntry, build, entry


@dataclass(frozen=True)
class Variant:
    """A model of the registry with other settings or on other vectors."""

    model: str
    settings: dict[str, Any] = field(default_factory=dict)
    vectors: str | None = None
    """Method of the vectors that it reads in place of those that all other models read."""

    @property
    def entry(self) -> ModelEntry:
        """The model's entry in the registry."""
        return entry(self.model)

    def build(self) -> RatingModel:
        """The unfitted model."""
        return build(self.model, **self.settings)

    def read(self, dataset: Dataset) -> Dataset:
        """The data set with the vectors that this variant reads."""
        return dataset.reading(self.vectors) if self.vectors else dataset


VARIANTS: dict[str, Variant] = {
    **{f"attention_lstm:{part}": Variant("attention_lstm", settings) for part, settings in ABLATIONS.items()},
    **{f"attention_lstm:{method}": Variant("attention_lstm", vectors=method) for method in VECTOR_PROPERTIES},
}


def variant(name: str) -> Variant:
    """The model or variant of that name.

    Raises:
        InputError: there is none.
    """
    if name in VARIANTS:
        return VARIANTS[name]
    if name not in MODELS:
        raise InputError(f"Unknown model {name!r}; expected one of {', '.join((*MODELS, *VARIANTS))}.")
    return Variant(name)


def present(dataset: Dataset) -> tuple[str, ...]:
    """Variants whose vectors the data set has beside those that the models read."""
    others = {vectors.method for vectors in dataset.others}
    return tuple(name for name, found in VARIANTS.items() if found.vectors is None or found.vectors in others)


def require_vectors(name: str, dataset: Dataset) -> None:
    """Refuse a variant on vectors that the data set does not have beside those that the models read.

    Raises:
        InputError: the vectors are absent, or all models read them anyway.
    """
    wanted, methods = variant(name).vectors, dataset.methods()
    if wanted is None or name in present(dataset):
        return
    if wanted in methods:
        raise InputError(
            f"{name!r} is attention_lstm itself: all models read {wanted} vectors. Leave it out."
        )
    raise InputError(
        f"{name!r} needs {wanted} vectors; the graph has {', '.join(methods) or 'none'}. "
        f"Make them with kgrec-gds embed --method {wanted}."
    )
