"""Settings of the embedding methods: checked, and with each method's defaults from `METHODS`."""

import dataclasses
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from kgrec_gds.embeddings.methods import METHODS, PREFERRED, VECTOR_PROPERTIES, Method
from kgrec_gds.errors import EmbeddingError

#: Allowed values of the settings that are words.
_CHOICES = {"loss": ("logistic", "margin"), "trainer": ("auto", "plugin", "tensorflow")}


@dataclass(frozen=True, kw_only=True)
class EmbedSettings:
    """Settings of every method."""

    method: str
    dimension: int = 64
    """Length of a vector; `embeddingDimension` in GDS."""
    seed: int = 42
    """Seed of the method's random numbers."""
    concurrency: int = 4
    """Threads in the database; GDS Community runs at most 4."""
    with_ratings: bool = False
    """Also project users and their ratings before the training cut-off, weighted by rating."""
    relationship_weight: float = 10.0
    """Weight of the other relationships beside ratings of 1-10: as much as the best rating."""

    def __post_init__(self) -> None:
        """Check the values that all methods share."""
        _at_least_one(self, "dimension", "concurrency")

    @property
    def vector_property(self) -> str:
        """Node property that holds the vectors."""
        return VECTOR_PROPERTIES[self.method]

    @property
    def parameters(self) -> dict[str, Any]:
        """All settings in one dictionary, as recorded with the run."""
        values = dataclasses.asdict(self)
        options = values.pop("options", {})
        return {name: values[name] for name in _defaults(METHODS[self.method]) if name in values} | options


@dataclass(frozen=True, kw_only=True)
class GdsSettings(EmbedSettings):
    """Settings of a method of the Graph Data Science library."""

    stable: bool = False
    """Start from features made of the nodes' keys instead of node ids: the same vectors after a new import."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """The method's own settings, by the names in `METHODS`."""


@dataclass(frozen=True, kw_only=True)
class KgeSettings(EmbedSettings):
    """Settings of TransE and DistMult, which are trained on triples against corrupted ones."""

    learning_rate: float
    """Learning rate of Adagrad in the first epoch, falling linearly to `min_learning_rate`."""
    margin: float
    """Gamma of either loss; for TransE the distance at which a triple is as likely true as not."""
    adversarial_temperature: float
    """Alpha of self-adversarial negative sampling; 0 weights all negatives alike."""
    norm: Literal[1, 2] | None = None
    """Norm of TransE's distance; GDS predicts links with 2 only. None for DistMult."""
    epochs: int = 30
    """Passes over the triples, at most."""
    min_learning_rate: float = 0.01
    """Learning rate of the last epoch."""
    negatives: int = 64
    """Corrupted triples on each side of a true one."""
    loss: Literal["logistic", "margin"] = "logistic"
    """`logistic`: Sun et al., 2019; `margin`: max(0, margin - s(true) + s(corrupted))."""
    regularization: float = 0.0
    """Coefficient of L2 on the rows that a step updates."""
    validation_share: float = 0.05
    """Share of triples held out for the reported metrics and for early stopping."""
    validation_interval: int = 5
    """Epochs between validations."""
    patience: int = 3
    """Validations without a better MRR before training stops; 0 trains all epochs."""
    trainer: Literal["auto", "plugin", "tensorflow"] = "auto"
    """`plugin` in the database, `tensorflow` in this process; `auto`: the plugin if the server has it."""

    def __post_init__(self) -> None:
        """Check the values of a training."""
        super().__post_init__()
        _at_least_one(self, "epochs", "negatives", "validation_interval")
        if not 0.0 <= self.validation_share < 1.0:
            raise EmbeddingError(
                f"Invalid validation_share {self.validation_share}; expected a share of at least 0 and below 1."
            )
        if self.norm not in (None, 1, 2):
            raise EmbeddingError(f"Invalid norm {self.norm}; expected 1 or 2.")
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                raise EmbeddingError(
                    f"Invalid {name} {getattr(self, name)!r}; expected one of {', '.join(allowed)}."
                )
        if self.with_ratings:
            raise EmbeddingError(
                f"with_ratings (--with-ratings) is not available for {self.method}, which learns from the "
                f"knowledge graph alone. Use --method {_names(row for row in METHODS.values() if row.family == 'gds')}."
            )


def settings_for(method: str | None = None, **values: Any) -> EmbedSettings:
    """Settings of a method (default: the preferred one); values of None keep their defaults.

    Raises:
        EmbeddingError: no such method, the method has no setting of that name, or a value of the wrong type.
    """
    row = METHODS.get(PREFERRED if method is None else method)
    if row is None:
        raise EmbeddingError(f"Unknown method {method!r}; expected one of {', '.join(METHODS)}.")
    defaults = _defaults(row)
    given = {name: value for name, value in values.items() if value is not None}
    if unknown := sorted(given.keys() - defaults.keys()):
        others = _names(other for other in METHODS.values() if _defaults(other).keys() >= set(unknown))
        raise EmbeddingError(
            f"{row.name} has no setting {', '.join(unknown)}; expected one of {', '.join(sorted(defaults))}."
            + (f" Or use --method {others}." if others else "")
        )
    for name, value in given.items():
        if not _is_like(value, defaults[name]):
            raise EmbeddingError(f"Invalid {name} {value!r}; expected a value like {defaults[name]!r}.")
    chosen = defaults | given
    if row.family == "kge":
        return KgeSettings(method=row.name, **chosen)
    options = {name: chosen.pop(name) for name in row.settings}
    return GdsSettings(method=row.name, options=options, **chosen)


def parse_settings(pairs: tuple[str, ...]) -> dict[str, Any]:
    """Read `name=value` pairs; a value is JSON, or text if it is not valid JSON.

    Raises:
        EmbeddingError: a pair has no `=`, or names the method.
    """
    values: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise EmbeddingError(f"Invalid --set {pair!r}; expected NAME=VALUE, e.g. walk_length=40.")
        if name.strip() == "method":
            raise EmbeddingError(f"Invalid --set {pair!r}; the method is not a setting. Use --method {text}.")
        try:
            value = json.loads(text)
        except json.JSONDecodeError:
            value = text
        values[name.strip().replace("-", "_")] = tuple(value) if isinstance(value, list) else value
    return values


def _defaults(row: Method) -> dict[str, Any]:
    """Setting -> default of a method: those of its family, then its own."""
    kind = KgeSettings if row.family == "kge" else GdsSettings
    apart = ("method", "options", "norm", "stable")
    defaults = {field.name: field.default for field in dataclasses.fields(kind) if field.name not in apart}
    stable = {} if row.key_features is None else {"stable": False}
    return defaults | stable | dict(row.settings)


def _is_like(value: Any, default: Any) -> bool:
    """Whether a value has the type of a setting's default; an integer is accepted for a float."""
    if isinstance(default, tuple):
        return isinstance(value, tuple | list) and all(_is_like(each, default[0]) for each in value)
    if isinstance(default, float):
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is type(default)


def _names(rows: Iterable[Method]) -> str:
    return " or ".join(row.name for row in rows)


def _at_least_one(settings: EmbedSettings, *names: str) -> None:
    for name in names:
        if getattr(settings, name) < 1:
            raise EmbeddingError(
                f"Invalid {name} {getattr(settings, name)}; expected an integer of at least 1."
            )
