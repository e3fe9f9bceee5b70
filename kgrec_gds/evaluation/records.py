"""From cells to the numbers of the report: one record a model, protocol, seed and segment, and the comparisons."""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.splits import Protocol
from kgrec_gds.evaluation.cells import Cell
from kgrec_gds.evaluation.harness import Measured
from kgrec_gds.evaluation.intervals import paired_differences
from kgrec_gds.evaluation.metrics import scores
from kgrec_gds.evaluation.predictors import spec_of
from kgrec_gds.evaluation.ranking_metrics import ranking_scores
from kgrec_gds.evaluation.segments import segments

#: Segment of all test events, each asked a day before it was given.
DAY_OLD = "day_old_history"
#: Models that are compared with every other.
COMPARED = ("default", "attention_lstm")
#: Pairs that say what the graph does, beside those.
GRAPH_PAIRS = (("trees_graph", "trees"),)

Record = dict[str, Any]


@dataclass(frozen=True)
class Results:
    """All numbers of an evaluation, as plain records."""

    metrics: list[Record]
    """`model`, `protocol`, `seed`, `segment`, `mse`, `rmse`, `mae`, `r2`, `evs`, `medae`, `n`, `online_history`."""
    comparisons: list[Record]
    """`model`, `against`, `protocol`, `segment`, `difference`, `low`, `high`, `n`: of the mean squared error."""
    ranking: list[Record]
    """`model`, `protocol`, `seed`, `recall`, `ndcg`, `mrr`, `coverage`, `k`, `users`."""
    seconds: list[Record]
    """`model`, `protocol`, `seed` and the seconds of fitting, predicting, ranking."""


def results(dataset: Dataset, measured: Mapping[Protocol, Measured], seeds: int) -> Results:
    """All records of all protocols."""
    found = Results([], [], [], [])
    for protocol, part in measured.items():
        masks = segments(dataset.ratings, part.split)
        rating = dataset.ratings.rating[part.split.test]
        for cell in part.cells:
            found.metrics.extend(_metric_records(cell, rating, masks, seeds))
            key = {"model": cell.model, "protocol": protocol, "seed": cell.seed}
            found.seconds.append({**key, **cell.seconds})
            if cell.top_lists is not None:
                ranked = ranking_scores(cell.top_lists, part.cases, len(dataset.movies) - 1)
                found.ranking.append({**key, **dataclasses.asdict(ranked)})
        found.comparisons.extend(_comparison_records(dataset, protocol, part, masks, seeds))
    return found


def _metric_records(
    cell: Cell, rating: NDArray[np.float32], masks: dict[str, NDArray[np.bool_]], seeds: int
) -> list[Record]:
    by_segment = {segment: scores(rating[mask], cell.predicted[mask]) for segment, mask in masks.items()}
    if cell.day_old is not None:
        by_segment[DAY_OLD] = scores(rating, cell.day_old)
    return [
        {
            "model": cell.model,
            "protocol": cell.protocol,
            "seed": seed,
            "segment": segment,
            **_finite(dataclasses.asdict(found)),
            "online_history": cell.online_history,
        }
        for seed in _seeds_of(cell, seeds)
        for segment, found in by_segment.items()
    ]


def _comparison_records(
    dataset: Dataset, protocol: str, part: Measured, masks: dict[str, NDArray[np.bool_]], seeds: int
) -> list[Record]:
    test = dataset.ratings.take(part.split.test)
    everywhere = {**masks, DAY_OLD: np.ones(len(test), bool)}
    errors = {older: _errors(part, test.rating, seeds, older=older) for older in (False, True)}
    records = []
    for segment, mask in everywhere.items():
        of_model = errors[segment == DAY_OLD]
        pairs = compared_pairs(list(of_model))
        if not pairs:
            continue
        differences = np.stack([_apart(of_model[a], of_model[b])[mask] for a, b in pairs], axis=1)
        intervals = paired_differences(differences, test.user_index[mask])
        records += [
            {
                "model": model,
                "against": against,
                "protocol": protocol,
                "segment": segment,
                **_finite(dataclasses.asdict(interval)),
                "n": int(mask.sum()),
            }
            for (model, against), interval in zip(pairs, intervals, strict=True)
        ]
    return records


def compared_pairs(models: list[str]) -> list[tuple[str, str]]:
    """Model and what it is compared with, of the models at hand."""
    pairs = [(model, other) for model in COMPARED if model in models for other in models if other != model]
    return pairs + [pair for pair in GRAPH_PAIRS if set(pair) <= set(models)]


def _errors(
    part: Measured, rating: NDArray[np.float32], seeds: int, *, older: bool
) -> dict[str, dict[int, NDArray[np.float64]]]:
    # Squared error of each test event by model and seed.
    by_model: dict[str, dict[int, NDArray[np.float64]]] = {}
    for cell in part.cells:
        predicted = cell.day_old if older else cell.predicted
        if predicted is not None:
            error = (rating.astype(np.float64) - predicted) ** 2
            by_model.setdefault(cell.model, {}).update(dict.fromkeys(_seeds_of(cell, seeds), error))
    return by_model


def _seeds_of(cell: Cell, seeds: int) -> list[int]:
    # A model without chance in it has the same numbers for every seed.
    return list(range(seeds)) if spec_of(cell.model).deterministic else [cell.seed]


def _apart(
    first: dict[int, NDArray[np.float64]], second: dict[int, NDArray[np.float64]]
) -> NDArray[np.float64]:
    # By event, averaged over the seeds that both have: ablations may have fewer.
    return np.mean([first[seed] - second[seed] for seed in first.keys() & second.keys()], axis=0)


def _finite(values: dict[str, Any]) -> dict[str, Any]:
    # JSON has no NaN: what cannot be computed (no events, no variance) is null.
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in values.items()
    }
