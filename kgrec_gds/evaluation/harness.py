"""Fit the models of a plan and predict the test ratings at once, a day old and a month old."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kgrec_gds import __version__
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.fingerprint import fingerprint
from kgrec_gds.data.history_lengths import history_lengths
from kgrec_gds.data.query import Queries
from kgrec_gds.data.splits import Protocol, Split, split
from kgrec_gds.evaluation.cells import Cell, load_cell, save_cell
from kgrec_gds.evaluation.plan import CellKey
from kgrec_gds.evaluation.ranking_cases import EvaluatedCases, best_of, evaluated_cases, predicted_ratings
from kgrec_gds.evaluation.variants import VARIANTS, Variant, variant
from kgrec_gds.models.base import RatingModel
from kgrec_gds.models.delays import HORIZONS
from kgrec_gds.models.registry import MODELS, why_not_delayed
from kgrec_gds.progress import Timer, bars

_ATTENTION_ROWS = 24
_ATTENTION_HISTORY = 10
_PARTS = {part for found in MODELS.values() for part in found.mean_of}
#: Models whose order by predicted rating is compared with the rankings.
_ORDERED = ("attention_lstm", "trees_graph", "blend")


@dataclass(frozen=True)
class Measured:
    """All cells of one protocol, and what they were measured on."""

    split: Split
    cells: list[Cell]
    kinds: list[EvaluatedCases]
    """Cases of the ranking metrics by kind; empty where they are not measured."""


def run_cells(
    dataset: Dataset, keys: Sequence[CellKey], ranking_users: int, folder: Path, *, shown: bool = True
) -> dict[Protocol, Measured]:
    """Fit and predict the cells of `plan` that are not yet in the folder; the parts of a blend come before it."""
    measured: dict[Protocol, Measured] = {}
    with bars(shown=shown) as progress:
        task = progress.add_task("evaluate", total=len(keys))
        for key in keys:
            progress.update(task, description=f"{key.model} · {key.protocol} · seed {key.seed}")
            if key.protocol not in measured:
                parts = split(dataset.ratings, key.protocol)
                ranked = key.protocol == "global" and ranking_users
                kinds = evaluated_cases(dataset, parts, ranking_users) if ranked else []
                measured[key.protocol] = Measured(parts, [], kinds)
            part = measured[key.protocol]
            part.cells.append(_cell(dataset, part, key, folder))
            progress.advance(task)
    return measured


def _cell(dataset: Dataset, part: Measured, key: CellKey, folder: Path) -> Cell:
    found = variant(key.model)
    kinds = part.kinds if not key.seed and key.model in _ORDERED else []
    if wanted := found.entry.mean_of:
        parts = [cell for cell in part.cells if cell.key.model in wanted and cell.key.seed == key.seed]
        return _mean_of(dataset, key, parts, kinds)
    read, model = found.read(dataset), found.build()
    made_from = f"{__version__} {found} {getattr(model, 'settings', '')} {sum(len(kind.sampled) for kind in kinds)} {key.seed}"
    mark = fingerprint(read, part.split, made_from)
    cell = load_cell(folder, key, mark)
    if cell is None:
        cell = _measure(read, part.split, key, found, model, kinds)
        save_cell(folder, cell, mark)
    return cell


def _measure(
    dataset: Dataset,
    parts: Split,
    key: CellKey,
    found: Variant,
    model: RatingModel,
    kinds: list[EvaluatedCases],
) -> Cell:
    timer = Timer()
    with timer.stage("fit"):
        model.fit(dataset, parts, key.seed)
    test = Queries.of(dataset.ratings.take(parts.test))
    only_at_once = why_not_delayed(found.model, key.protocol) is not None
    with timer.stage("predict"):
        predicted = {
            horizon: model.predict(dataset, test.delayed(delay))
            for horizon, delay in HORIZONS.items()
            if not (delay and only_at_once)
        }
    with timer.stage("rank"):
        ranked = [predicted_ratings(model, dataset, kind.cases.take(kind.sampled)) for kind in kinds]
        candidates = np.concatenate(ranked) if ranked else None
    attention = None
    if found.entry.attends and not key.seed and key.model not in VARIANTS:
        attention = _attention(dataset, model, parts)
    return Cell(
        key,
        predicted,
        top_lists=None if candidates is None else best_of(dataset, candidates),
        candidate_ratings=candidates if key.model in _PARTS else None,
        attention=attention,
        seconds=timer.seconds,
        history=list(getattr(model, "history", [])),
    )


def _mean_of(dataset: Dataset, key: CellKey, parts: list[Cell], kinds: list[EvaluatedCases]) -> Cell:
    """The cell of a blend: the mean of the predictions of its parts."""
    predicted = {
        horizon: np.mean([part.predicted[horizon] for part in parts], axis=0)
        for horizon in HORIZONS
        if all(horizon in part.predicted for part in parts)
    }
    ranked = [part.candidate_ratings for part in parts if part.candidate_ratings is not None]
    lists = best_of(dataset, np.mean(ranked, axis=0)) if kinds and ranked else None
    return Cell(key, predicted, top_lists=lists)


def _attention(dataset: Dataset, model: RatingModel, parts: Split) -> NDArray[np.float32] | None:
    """Attention weights of a seeded sample of test ratings whose users have a history."""
    eligible = parts.test[history_lengths(dataset.ratings)[parts.test] >= _ATTENTION_HISTORY]
    chosen = np.sort(np.random.default_rng(0).permutation(eligible)[:_ATTENTION_ROWS])
    _, attention = model.predict_with_attention(dataset, Queries.of(dataset.ratings.take(chosen)))
    return attention.weights if attention else None
