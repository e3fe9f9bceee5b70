"""Which model is fitted under which protocol with which seed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.splits import PARTS, Protocol, split
from kgrec_gds.errors import InputError
from kgrec_gds.evaluation.published import PUBLISHED
from kgrec_gds.evaluation.variants import VARIANTS, present, require_vectors, variant
from kgrec_gds.models.registry import MODELS


@dataclass(frozen=True)
class EvaluateSettings:
    """What is measured, and how often."""

    protocols: tuple[Protocol, ...] = ("global", "per-user")
    models: tuple[str, ...] = ()
    """Models and variants, all under every protocol and with every seed. Empty for all models; then variants are
    measured under the first honest protocol with the first seed, and under `paper` only what was published."""
    seeds: int = 3
    """Seeds 0 to seeds - 1; a deterministic model is fitted once for all."""
    ranking_users: int = 300
    """Users of the ranking metrics (protocol `global`, first seed); 0 leaves them out."""
    workers: int = 1
    """Processes that fit and predict in parallel."""
    audit: bool = True
    """Whether the report contains the leakage audit."""


@dataclass(frozen=True)
class CellKey:
    """One fit: a model or variant, a protocol and a seed."""

    protocol: Protocol
    seed: int
    model: str


def plan(dataset: Dataset, settings: EvaluateSettings) -> list[CellKey]:
    """Every cell of an evaluation; the parts of a blend come before it.

    Raises:
        InputError: an unknown model, vectors that are absent, too few ratings, or nothing to measure.
    """
    settings = replace(settings, protocols=tuple(dict.fromkeys(settings.protocols)))
    for name in settings.models:
        require_vectors(name, dataset)
    if not len(dataset.ratings):
        raise InputError(
            "The graph has no ratings to evaluate on. Import some with kgrec-gds import --ratings."
        )
    if settings.seeds < 1 or not settings.protocols:
        raise InputError(
            f"Invalid seeds {settings.seeds} or protocols {settings.protocols}; expected at least one of each."
        )
    for protocol in settings.protocols:
        split(dataset.ratings, protocol).holding(*PARTS)
    keys = [
        CellKey(protocol, seed, model)
        for protocol in settings.protocols
        for seed in range(settings.seeds)
        for model in _models(dataset, settings, protocol, seed)
    ]
    if not keys:
        raise InputError(
            f"Nothing to measure: {', '.join(settings.models)} cannot run under the protocols "
            f"{', '.join(settings.protocols)}. Published models run under paper only, variants under the others."
        )
    return keys


def _models(dataset: Dataset, settings: EvaluateSettings, protocol: Protocol, seed: int) -> list[str]:
    if settings.models:
        chosen = _with_parts(settings.models)
    elif protocol == "paper":
        chosen = [*PUBLISHED, "paper_trees"]
    else:
        honest = next(each for each in settings.protocols if each != "paper")
        chosen = [*MODELS, *(present(dataset) if protocol == honest and not seed else ())]
    return [
        name
        for name in chosen
        if (name not in VARIANTS if protocol == "paper" else variant(name).entry.recommends)
        and not (seed and variant(name).entry.deterministic)
    ]


def _with_parts(models: Iterable[str]) -> list[str]:
    parts = [part for name in models for part in (*variant(name).entry.mean_of, name)]
    return sorted(dict.fromkeys(parts), key=lambda name: bool(variant(name).entry.mean_of))
