"""What can be chosen for each embedding method.

Light on purpose: `train` and the command line read the constants without loading a client.
"""

import dataclasses
import json
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from kgrec_gds import schema
from kgrec_gds.errors import EmbeddingError

#: What `embed` makes when no method is named, and what `train` takes first.
PREFERRED = next(iter(schema.VECTOR_PROPERTIES))

Trainer = Literal["auto", "plugin", "tensorflow"]


@dataclass(frozen=True, kw_only=True)
class EmbedSettings:
    """What every method takes."""

    method: ClassVar[str]

    embedding_size: int = 64
    """Numbers in a vector; `embeddingDimension` in GDS."""
    seed: int = 42
    """Of the method's random numbers."""
    concurrency: int = 4
    """Threads in the database; GDS Community runs at most 4."""
    with_ratings: bool = False
    """Also project users and their ratings before the training cut-off, weighted by rating."""
    fact_weight: float = 10.0
    """Weight of a fact beside ratings of 1-10, where ratings are projected: as much as the best rating."""

    def __post_init__(self) -> None:
        """Refuse what no method takes."""
        if self.embedding_size < 1:
            raise EmbeddingError(f"--dimension should be at least 1; it is {self.embedding_size}.")
        if self.concurrency < 1:
            raise EmbeddingError(f"--concurrency should be at least 1; it is {self.concurrency}.")

    @property
    def vector_property(self) -> str:
        """Node property that holds the vectors."""
        return schema.VECTOR_PROPERTIES[self.method]


@dataclass(frozen=True, kw_only=True)
class FastRPSettings(EmbedSettings):
    """Fast random projection: Chen et al., 2019."""

    method = "fastrp"

    iteration_weights: tuple[float, ...] = (0.0, 1.0, 1.0)
    """Weight of the neighbourhood at distance 1, 2, ..."""
    normalization_strength: float = 0.0
    """Negative: nodes with many relationships count less as neighbours."""
    node_self_influence: float = 0.0
    """Weight of the node's own random vector."""
    stable: bool = False
    """Start from features made of the nodes' keys, not from node ids: the same after a re-import."""


@dataclass(frozen=True, kw_only=True)
class Node2VecSettings(EmbedSettings):
    """Random walks and skip-gram: Grover and Leskovec, 2016. Reproducible only at `concurrency=1`."""

    method = "node2vec"

    iterations: int = 1
    """Passes over the walks."""
    walk_length: int = 40
    """Steps in a walk."""
    walks_per_node: int = 10
    """Walks from each node."""
    window_size: int = 5
    """Steps on either side that count as context."""
    in_out_factor: float = 1.0
    """Above 1: walks stay near where they began."""
    return_factor: float = 1.0
    """Above 1: walks seldom go straight back."""


@dataclass(frozen=True, kw_only=True)
class KgeSettings(EmbedSettings):
    """What TransE and DistMult share: trained on triples against corrupted ones."""

    epochs: int = 30
    """Passes over the triples, at most."""
    learning_rate: float = 0.3
    """Of Adagrad, falling in a line to `min_learning_rate`."""
    min_learning_rate: float = 0.01
    """Learning rate of the last epoch."""
    negatives: int = 64
    """Corrupted triples on each side of a true one."""
    loss: Literal["logistic", "margin"] = "logistic"
    """`logistic`: Sun et al., 2019; `margin`: max(0, margin - s(true) + s(corrupted))."""
    margin: float = 0.0
    """Gamma of either loss; DistMult's product has no scale of its own, so it needs none."""
    adversarial_temperature: float = 1.0
    """Alpha of self-adversarial negatives; 0 weights all alike."""
    regularization: float = 0.0
    """Coefficient of L2 on the rows a step touches."""
    validation_share: float = 0.05
    """Share of triples held out for the reported metrics and for early stopping."""
    validation_interval: int = 5
    """Epochs between validations."""
    patience: int = 3
    """Validations without a better MRR before training stops; 0 trains all epochs."""
    trainer: Trainer = "auto"
    """`plugin` inside the database, `tensorflow` here; `auto` takes the plugin where the server has it."""

    def __post_init__(self) -> None:
        """Refuse what cannot be trained."""
        super().__post_init__()
        if not 0.0 <= self.validation_share < 1.0:
            raise EmbeddingError(f"validation_share should be in [0, 1); it is {self.validation_share}.")
        if self.epochs < 1 or self.negatives < 1 or self.validation_interval < 1:
            raise EmbeddingError(
                "epochs, negatives and validation_interval should be at least 1; they are "
                f"{self.epochs}, {self.negatives} and {self.validation_interval}."
            )
        for name, allowed in (
            ("loss", ("logistic", "margin")),
            ("trainer", ("auto", "plugin", "tensorflow")),
        ):
            if getattr(self, name) not in allowed:
                raise EmbeddingError(f"{name} should be one of {allowed}; it is {getattr(self, name)!r}.")
        if self.with_ratings:
            raise EmbeddingError(
                f"--with-ratings goes with --method fastrp or node2vec; {self.method} learns from facts alone."
            )


@dataclass(frozen=True, kw_only=True)
class TransESettings(KgeSettings):
    """Translations, Bordes et al., 2013: score -||h + r - t||."""

    method = "transe"

    learning_rate: float = 1.0
    """Of Adagrad; so high since L2 spreads a pull over all dimensions. `docs/embeddings.md` has the figures."""
    margin: float = 4.0
    """Gamma of either loss: the distance at which a triple is as likely true as not."""
    adversarial_temperature: float = 2.0
    """Alpha of self-adversarial negatives."""
    norm: Literal[1, 2] = 2
    """Distance; GDS predicts links with L2 only."""

    def __post_init__(self) -> None:
        """Refuse any other distance."""
        super().__post_init__()
        if self.norm not in (1, 2):
            raise EmbeddingError(f"norm should be 1 or 2; it is {self.norm}.")


@dataclass(frozen=True, kw_only=True)
class DistMultSettings(KgeSettings):
    """Bilinear with diagonal relations, Yang et al., 2015: score <h, r, t>."""

    method = "distmult"


_CLASSES: dict[str, type[EmbedSettings]] = {
    settings.method: settings
    for settings in (FastRPSettings, Node2VecSettings, TransESettings, DistMultSettings)
}


def settings_for(method: str | None = None, **values: Any) -> EmbedSettings:
    """Settings of a method, by default the preferred one, from named values; those that are None keep their defaults.

    Raises:
        EmbeddingError: no such method, the method has no setting of that name, or a value is of another kind.
    """
    method = PREFERRED if method is None else method
    if method not in _CLASSES:
        raise EmbeddingError(f"--method should be one of {', '.join(_CLASSES)}; received {method!r}.")
    kind = _CLASSES[method]
    given = {name: value for name, value in values.items() if value is not None}
    if unknown := sorted(given.keys() - _names(kind)):
        others = [name for name, other in _CLASSES.items() if _names(other).issuperset(unknown)]
        raise EmbeddingError(
            f"{method} has no setting {', '.join(unknown)}; it has {', '.join(sorted(_names(kind)))}."
            + (f" Try --method {' or '.join(others)}." if others else "")
        )
    for field in dataclasses.fields(kind):
        if field.name in given and not _is_like(given[field.name], field.default):
            raise EmbeddingError(
                f"{field.name} should be of the kind of {field.default!r}; it is {given[field.name]!r}."
            )
    return kind(**given)


def _is_like(value: Any, default: Any) -> bool:
    """Whether a value is of the type of a setting's default; a whole number is a number too."""
    if isinstance(default, tuple):
        return isinstance(value, tuple) and all(_is_like(each, default[0]) for each in value)
    if isinstance(default, float):
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is type(default)


def _names(kind: type[EmbedSettings]) -> set[str]:
    return {field.name for field in dataclasses.fields(kind)}


def parse_settings(pairs: tuple[str, ...]) -> dict[str, Any]:
    """Read `name=value` pairs; values are JSON, or text where they are no JSON.

    Raises:
        EmbeddingError: a pair has no `=`, or names the method.
    """
    values: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise EmbeddingError(f"--set should look like walk_length=40; received {pair!r}.")
        if name.strip() == "method":
            raise EmbeddingError(f"--set is for a method's settings; name it by --method {text}.")
        try:
            value = json.loads(text)
        except json.JSONDecodeError:
            value = text
        values[name.strip().replace("-", "_")] = tuple(value) if isinstance(value, list) else value
    return values
