"""From cells to the numbers of the report, as plain records."""

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset, Ratings
from kgrec_gds.data.splits import Protocol
from kgrec_gds.evaluation.cells import Cell
from kgrec_gds.evaluation.harness import Measured
from kgrec_gds.evaluation.intervals import paired_differences
from kgrec_gds.evaluation.metrics import scores
from kgrec_gds.evaluation.ranking_records import ranking_records
from kgrec_gds.evaluation.ranking_run import RankedCases
from kgrec_gds.evaluation.segments import segments
from kgrec_gds.evaluation.variants import variant
from kgrec_gds.models.delays import HORIZONS
from kgrec_gds.models.registry import why_not_delayed

#: Models that are compared with every other.
COMPARED = ("blend", "attention_lstm")
#: Pairs that show what the graph adds, beside those.
GRAPH_PAIRS = (("trees_graph", "trees"),)

Record = dict[str, Any]
Masks = Mapping[str, NDArray[np.bool_]]
_BySeed = dict[int, NDArray[np.float64]]


@dataclass(frozen=True)
class Results:
    """All numbers of an evaluation; docs/evaluation.md describes the fields of each record."""

    metrics: list[Record]
    """By model, protocol, seed, horizon and segment."""
    comparisons: list[Record]
    """Differences in mean squared error with their intervals, by pair of models, protocol, horizon and segment."""
    not_measured: list[Record]
    """`model`, `protocol`, `horizon` and `reason` of each error that does not exist."""
    overlap: list[Record]
    """`protocol` (`global` only), `horizon` and `share` of the test ratings whose history ends before training does."""
    ranking: list[Record]
    """Protocol global: by model, kind of cases and relevant movies."""
    ranking_segments: list[Record]
    """The same by length of the user's history."""
    ranking_comparisons: list[Record]
    """Differences in NDCG with their intervals, by pair of models, kind of cases and relevant movies."""
    seconds: list[Record]
    """By model, protocol and seed."""


def results(
    dataset: Dataset, measured: Mapping[Protocol, Measured], seeds: int, ranked: Sequence[RankedCases] = ()
) -> Results:
    """All records of all protocols."""
    found = Results([], [], [], [], *ranking_records(dataset, ranked), [])
    for protocol, part in measured.items():
        masks, test = segments(dataset.ratings, part.split), dataset.ratings.take(part.split.test)
        for cell in part.cells:
            key = dataclasses.asdict(cell.key)
            found.metrics.extend(_metric_records(cell, test.rating, masks, seeds))
            found.seconds.append({**key, **cell.seconds})
        models = dict.fromkeys(cell.key.model for cell in part.cells)
        found.not_measured.extend(_reasons(models, protocol))
        found.overlap.extend(_overlap(dataset.ratings, part))
        found.comparisons.extend(_comparison_records(part.cells, protocol, test, masks, seeds))
    return found


def _metric_records(cell: Cell, rating: NDArray[np.float32], masks: Masks, seeds: int) -> list[Record]:
    return [
        {
            "model": cell.key.model,
            "protocol": cell.key.protocol,
            "seed": seed,
            "horizon": horizon,
            "segment": segment,
            **_finite(dataclasses.asdict(scores(rating[mask], predicted[mask]))),
            "online_history": variant(cell.key.model).entry.online_history,
        }
        for horizon, predicted in cell.predicted.items()
        for segment, mask in masks.items()
        for seed in _seeds_of(cell, seeds)
    ]


def _reasons(models: Iterable[str], protocol: str) -> list[Record]:
    return [
        {"model": name, "protocol": protocol, "horizon": horizon, "reason": reason}
        for name in models
        if (reason := why_not_delayed(variant(name).model, protocol))
        for horizon in list(HORIZONS)[1:]
    ]


def _overlap(ratings: Ratings, part: Measured) -> list[Record]:
    """Soon after the cut-off, parameters know ratings of the day or month that an old history leaves out."""
    if part.split.protocol != "global":
        return []
    trained_until = ratings.rated_at[np.union1d(part.split.train, part.split.validation)].max()
    at = ratings.rated_at[part.split.test]
    return [
        {"protocol": "global", "horizon": horizon, "share": float(np.mean(at - delay <= trained_until))}
        for horizon, delay in list(HORIZONS.items())[1:]
    ]


def _comparison_records(
    cells: list[Cell], protocol: str, test: Ratings, masks: Masks, seeds: int
) -> list[Record]:
    records = []
    for horizon in HORIZONS:
        errors = _squared_errors(cells, test.rating, horizon, seeds)
        if not (pairs := compared_pairs(list(errors))):
            continue
        differences = np.stack([_difference(errors[a], errors[b]) for a, b in pairs], axis=1)
        for segment, mask in masks.items():
            intervals = paired_differences(differences[mask], test.user_index[mask])
            records += [
                {
                    "model": model,
                    "against": against,
                    "protocol": protocol,
                    "horizon": horizon,
                    "segment": segment,
                    **_finite(dataclasses.asdict(interval)),
                    "n": int(mask.sum()),
                }
                for (model, against), interval in zip(pairs, intervals, strict=True)
            ]
    return records


def compared_pairs(models: list[str]) -> list[tuple[str, str]]:
    """Each model and what it is compared with, of the models at hand."""
    pairs = [(model, other) for model in COMPARED if model in models for other in models if other != model]
    return pairs + [pair for pair in GRAPH_PAIRS if set(pair) <= set(models)]


def _squared_errors(
    cells: list[Cell], rating: NDArray[np.float32], horizon: str, seeds: int
) -> dict[str, _BySeed]:
    """Squared error of each test event, by model and seed."""
    by_model: dict[str, _BySeed] = {}
    for cell in cells:
        if horizon in cell.predicted:
            error = (rating.astype(np.float64) - cell.predicted[horizon]) ** 2
            by_model.setdefault(cell.key.model, {}).update(dict.fromkeys(_seeds_of(cell, seeds), error))
    return by_model


def _seeds_of(cell: Cell, seeds: int) -> list[int]:
    # A deterministic model has the same numbers for every seed.
    return list(range(seeds)) if variant(cell.key.model).entry.deterministic else [cell.key.seed]


def _difference(first: _BySeed, second: _BySeed) -> NDArray[np.float64]:
    # By event, averaged over the seeds that both have: variants may have fewer.
    return np.mean([first[seed] - second[seed] for seed in first.keys() & second.keys()], axis=0)


def _finite(values: dict[str, Any]) -> dict[str, Any]:
    # JSON has no NaN: what cannot be computed (no events, no variance) is null.
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in values.items()
    }
