"""Fit every model under every protocol with every seed, and keep what it predicted for the test events."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kgrec_gds import __version__
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.fingerprint import fingerprint
from kgrec_gds.data.history_lengths import history_lengths
from kgrec_gds.data.splits import Protocol, Split, split
from kgrec_gds.evaluation.cells import Cell, cell_path, load_cell, save_cell
from kgrec_gds.evaluation.predictors import Adopting, Attending, ModelSpec, Predictor, QueryPredictor, spec_of
from kgrec_gds.evaluation.ranking_metrics import Case, choose_cases, top_lists
from kgrec_gds.models.baselines.base import as_queries
from kgrec_gds.progress import Timer, bars

DAY = 86_400


@dataclass(frozen=True)
class EvaluateSettings:
    """What is measured, and how often."""

    protocols: tuple[Protocol, ...] = ("global",)
    models: tuple[str, ...] = ()
    """Names of `predictors.MODELS`; empty for all, the ablations of them under the first protocol, with the first seed."""
    seeds: int = 3
    """Seeds 0 to seeds - 1; a model without chance in it runs once for all."""
    ablation_seeds: int | None = None
    """The same for ablations; None: as many as the others."""
    ablation_protocols: tuple[Protocol, ...] | None = None
    """Protocols that ablations are measured under; None: all."""
    day_old: bool = False
    """Ask every test rating also a day earlier, so that histories are a day old."""
    ranking_users: int = 300
    """Users of the ranking metrics (protocol `global`, first seed); 0 leaves them out."""
    workers: int = 1
    """Processes that fit and predict side by side."""
    audit: bool = True
    """Whether the report has the leakage audit."""


@dataclass(frozen=True)
class Measured:
    """All cells of one protocol, and what they were measured on."""

    split: Split
    cells: list[Cell]
    cases: list[Case]
    """Cases of the ranking metrics; empty where not measured."""


def run_cells(
    dataset: Dataset,
    settings: EvaluateSettings,
    folder: Path,
    *,
    only_seed: int | None = None,
    shown: bool = True,
) -> dict[Protocol, Measured]:
    """Fit and predict what is not yet on disk.

    Args:
        dataset: all ratings, movies, facts and vectors.
        settings: see `EvaluateSettings`; all model names known.
        folder: where cells are kept between runs.
        only_seed: leave the other seeds out.
        shown: whether progress is shown.

    Returns:
        By protocol, the cells by seed and model. A deterministic model has one cell, of seed 0.
    """
    measured: dict[Protocol, Measured] = {}
    work = [key for key in planned(settings) if only_seed in (None, key[1])]
    with bars(shown=shown) as progress:
        task = progress.add_task("evaluate", total=len(work))
        for (protocol, seed), keys in itertools.groupby(work, key=lambda key: key[:2]):
            if protocol not in measured:
                measured[protocol] = _nothing_yet(dataset, protocol, settings)
            place = _Place(dataset, measured[protocol], settings, protocol, seed, folder / protocol, {})
            for _, _, model in keys:
                progress.update(task, description=f"{model} · {protocol} · seed {seed}")
                measured[protocol].cells.append(_cell(place, model))
                progress.advance(task)
    return measured


def planned(settings: EvaluateSettings) -> Iterator[tuple[Protocol, int, str]]:
    """Protocol, seed and model of every cell, in the order they are made."""
    for protocol in settings.protocols:
        for seed in range(settings.seeds):
            for model in settings.models:
                spec = spec_of(model)
                if seed < _seeds_of(spec, protocol, settings):
                    yield protocol, seed, model


def _seeds_of(spec: ModelSpec, protocol: Protocol, settings: EvaluateSettings) -> int:
    if spec.deterministic:
        return 1
    if not spec.ablation:
        return settings.seeds
    asked = settings.ablation_protocols is None or protocol in settings.ablation_protocols
    # The published network has no parts of ours to take out.
    if protocol == "paper" or not asked:
        return 0
    return min(settings.ablation_seeds or settings.seeds, settings.seeds)


def _nothing_yet(dataset: Dataset, protocol: Protocol, settings: EvaluateSettings) -> Measured:
    parts = split(dataset.ratings, protocol)
    ranked = protocol == "global" and settings.ranking_users > 0
    return Measured(parts, [], choose_cases(dataset, parts, users=settings.ranking_users) if ranked else [])


@dataclass(frozen=True)
class _Place:
    """Where a cell stands: all but the model."""

    dataset: Dataset
    part: Measured
    settings: EvaluateSettings
    protocol: Protocol
    seed: int
    folder: Path
    fitted: dict[str, Predictor]
    """Models fitted here by now, of which `default` can be made."""


def _cell(place: _Place, model: str) -> Cell:
    spec = spec_of(model)
    predictor = spec.build(place.protocol)
    ranked = place.seed == 0 and not spec.ablation and isinstance(predictor, QueryPredictor)
    cases = place.part.cases if ranked else []
    made_from = f"{__version__} {getattr(predictor, 'settings', '')} {place.settings.day_old} {len(cases)} {place.seed}"
    read = place.dataset.reading(spec.vectors) if spec.vectors else place.dataset
    mark = fingerprint(read, place.part.split, made_from)
    path = cell_path(place.folder, model, place.seed)
    cell = load_cell(path, mark)
    if cell is None:
        cell = _measure(place, model, predictor, cases)
        save_cell(path, cell, mark)
    return cell


def _measure(place: _Place, model: str, predictor: Predictor, cases: list[Case]) -> Cell:
    dataset, test = place.dataset, place.part.split.test
    timer = Timer()
    with timer.stage("fit"):
        if isinstance(predictor, Adopting):
            predictor.adopt(place.fitted)
        predictor.fit(dataset, place.part.split, place.seed)
        place.fitted[model] = predictor
    with timer.stage("predict"):
        predicted = predictor.predict(dataset, test)
    older, lists = None, None
    # Under `paper` nothing is measured but the published table: its features exist for events only.
    if isinstance(predictor, QueryPredictor) and place.protocol != "paper":
        with timer.stage("day_old"):
            if place.settings.day_old:
                older = predictor.predict_queries(dataset, as_queries(dataset.ratings, test, earlier=DAY))
        with timer.stage("rank"):
            lists = top_lists(predictor, dataset, cases) if cases else None
    attention = None
    if place.seed == 0 and not spec_of(model).ablation and isinstance(predictor, Attending):
        attention = predictor.attend(dataset, _with_history(dataset, test))
    return Cell(
        model=model,
        protocol=place.protocol,
        seed=place.seed,
        online_history=predictor.online_history,
        predicted=predicted,
        day_old=older,
        top_lists=lists,
        attention=attention,
        seconds=timer.seconds,
        curves=list(getattr(predictor, "curves", [])),
    )


def _with_history(
    dataset: Dataset, test: NDArray[np.int64], *, least: int = 10, most: int = 24
) -> NDArray[np.int64]:
    """A seeded sample of test events whose users have a history to attend to, ascending."""
    eligible = test[history_lengths(dataset.ratings)[test] >= least]
    return np.sort(np.random.default_rng(0).permutation(eligible)[:most])
