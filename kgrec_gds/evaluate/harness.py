"""Fit every model under every protocol with every seed, and keep what it predicted for the test events."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kgrec_gds import __version__
from kgrec_gds.evaluate.baselines.base import as_queries
from kgrec_gds.evaluate.cells import Cell, cell_path, fingerprint, load_cell, save_cell
from kgrec_gds.evaluate.predictors import Predictor, QueryPredictor, spec_of
from kgrec_gds.evaluate.ranking import Case, choose_cases, top_lists
from kgrec_gds.progress import bars
from kgrec_gds.windows.dataset import Dataset
from kgrec_gds.windows.splits import Protocol, Split, split

DAY = 86_400


@dataclass(frozen=True)
class EvaluateSettings:
    """What is measured, and how often."""

    protocols: tuple[Protocol, ...] = ("global",)
    models: tuple[str, ...] = ()
    """Names of `predictors.MODELS`; empty for all."""
    seeds: int = 3
    """Seeds 0 to seeds - 1; a model without chance in it runs once for all."""
    day_old: bool = False
    """Ask every test rating also a day earlier, so that histories are a day old."""
    ranking_users: int = 300
    """Users of the ranking metrics (protocol `global`, first seed); 0 leaves them out."""


@dataclass(frozen=True)
class Measured:
    """All cells of one protocol, and what they were measured on."""

    split: Split
    cells: list[Cell]
    cases: list[Case]
    """Cases of the ranking metrics; empty where not measured."""


def run_cells(dataset: Dataset, settings: EvaluateSettings, folder: Path) -> dict[Protocol, Measured]:
    """Fit and predict what is not yet on disk.

    Args:
        dataset: all ratings, movies, facts and vectors.
        settings: see `EvaluateSettings`; all model names known.
        folder: where cells are kept between runs.

    Returns:
        By protocol, the cells in the order of the models and seeds. A deterministic model has one cell, of seed 0.
    """
    measured: dict[Protocol, Measured] = {}
    for protocol in settings.protocols:
        parts = split(dataset.ratings, protocol)
        ranked = protocol == "global" and settings.ranking_users > 0
        cases = choose_cases(dataset, parts, users=settings.ranking_users) if ranked else []
        measured[protocol] = Measured(parts, [], cases)
    work = list(_work(settings))
    with bars() as progress:
        task = progress.add_task("evaluate", total=len(work))
        for model, protocol, seed in work:
            progress.update(task, description=f"{model} · {protocol} · seed {seed}")
            part = measured[protocol]
            part.cells.append(_cell(dataset, part, settings, (model, protocol, seed), folder))
            progress.advance(task)
    return measured


def _work(settings: EvaluateSettings) -> Iterator[tuple[str, Protocol, int]]:
    for model in settings.models:
        for protocol in settings.protocols:
            for seed in range(1 if spec_of(model).deterministic else settings.seeds):
                yield model, protocol, seed


def _cell(
    dataset: Dataset,
    part: Measured,
    settings: EvaluateSettings,
    key: tuple[str, Protocol, int],
    folder: Path,
) -> Cell:
    model, protocol, seed = key
    spec = spec_of(model)
    predictor = spec.build(protocol)
    ranked = bool(part.cases) and seed == 0 and not spec.ablation and isinstance(predictor, QueryPredictor)
    asked = f"{__version__} {getattr(predictor, 'settings', '')} day_old={settings.day_old} "
    mark = fingerprint(dataset, part.split, asked + f"ranked={len(part.cases) if ranked else 0}")
    path = cell_path(folder, protocol, model, seed)
    cell = load_cell(path, mark)
    if cell is None:
        cases = part.cases if ranked else []
        cell = _measure(predictor, dataset, part.split, key, cases=cases, day_old=settings.day_old)
        save_cell(path, cell, mark)
    return cell


def _measure(
    predictor: Predictor,
    dataset: Dataset,
    parts: Split,
    key: tuple[str, Protocol, int],
    *,
    cases: list[Case],
    day_old: bool,
) -> Cell:
    model, protocol, seed = key
    started = time.perf_counter()
    predictor.fit(dataset, parts, seed)
    fitted = time.perf_counter()
    predicted = predictor.predict(dataset, parts.test)
    done = time.perf_counter()
    seconds = {"fit": round(fitted - started, 2), "predict": round(done - fitted, 2)}
    older, lists = None, None
    if isinstance(predictor, QueryPredictor):
        if day_old:
            older = predictor.predict_queries(dataset, as_queries(dataset.ratings, parts.test, earlier=DAY))
        if cases:
            lists = top_lists(predictor, dataset, cases)
        seconds["rank"] = round(time.perf_counter() - done, 2)
    curves = list(getattr(predictor, "curves", []))
    online = predictor.online_history
    return Cell(model, protocol, seed, online, predicted, older, lists, seconds, curves)
