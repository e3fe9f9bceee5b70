"""Measure models on the graph's ratings and write a report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from kgrec_gds import home
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.splits import Protocol
from kgrec_gds.database.connection import Connection
from kgrec_gds.evaluation.evaluation_summary import summary
from kgrec_gds.evaluation.harness import Measured, run_cells
from kgrec_gds.evaluation.plan import EvaluateSettings, plan
from kgrec_gds.evaluation.ranking_run import RankedCases, ordered_by_rating, run_rankings
from kgrec_gds.evaluation.records import Record, Results, results
from kgrec_gds.evaluation.variants import variant
from kgrec_gds.evaluation.workers import fill
from kgrec_gds.progress import Timer, say

#: Models whose predictions the report audits.
_AUDITED = ("attention_lstm", "trees_graph")
_AUDITED_RATINGS = 3_000


@dataclass(frozen=True)
class Evaluation:
    """What was measured, and the files of the report."""

    models: list[Record]
    """The headline: errors by protocol, model and horizon."""
    results: Results
    """All numbers."""
    page: Path
    files: list[Path]
    seconds: dict[str, float]


@home.private_files()
def evaluate(
    connection: Connection,
    *,
    models: Sequence[str] = (),
    protocols: Sequence[Protocol] = ("global", "per-user"),
    seeds: int = 3,
    embeddings: str | None = None,
    out: str | Path = "report",
    ranking_users: int = 300,
    workers: int = 1,
) -> Evaluation:
    """Pull the graph's ratings, fit and predict, write the report; an interrupted evaluation resumes with the next cell.

    Arguments are those of `EvaluateSettings`; `embeddings` is the method of the vectors, `none` for none, by default the
    preferred one in the graph, and each worker takes about 2 GB.

    Raises:
        InputError: an unknown model, vectors that know too much, or too few ratings.
    """
    from kgrec_gds.workflows.train import dataset_to_evaluate

    timer = Timer()
    settings = EvaluateSettings(tuple(protocols), tuple(dict.fromkeys(models)), seeds, ranking_users, workers)
    for name in settings.models:
        variant(name)  # an unknown model is refused before the graph is read
    with timer.stage("pull"):
        dataset = dataset_to_evaluate(connection, embeddings, protocols)
    return evaluate_dataset(dataset, settings, Path(out), timer)


def evaluate_dataset(
    dataset: Dataset, settings: EvaluateSettings, out: Path, timer: Timer | None = None
) -> Evaluation:
    """Fit and predict on a data set, write the report; cells that `out/cells` holds already are not made again.

    Raises:
        InputError: an unknown model, or a protocol under which there is nothing to train on or to measure.
    """
    timer = timer or Timer()
    keys = plan(dataset, settings)
    with timer.stage("evaluate"):
        if settings.workers > 1 and len(keys) > 1:
            fill(dataset, keys, settings.ranking_users, out / "cells", settings.workers)
        measured = run_cells(dataset, keys, settings.ranking_users, out / "cells")
    with timer.stage("rank"):
        ranked = _rank(dataset, measured, out / "cells")
    say("Computing metrics, intervals and the report.")
    with timer.stage("report"):
        from kgrec_gds.evaluation.report.report_files import write_report

        found = results(dataset, measured, settings.seeds, ranked)
        audit = audit_rows(dataset) if settings.audit else []
        files = write_report(dataset, measured, found, audit, out)
    return Evaluation(summary(found), found, files[-1], files, timer.seconds)


def _rank(dataset: Dataset, measured: Mapping[Protocol, Measured], folder: Path) -> list[RankedCases]:
    """Lists of the ranking models and of the order by predicted rating, where rankings are measured."""
    part = measured.get("global")
    if part is None or not part.kinds:
        return []
    ranked = run_rankings(dataset, part.split, part.kinds, folder)
    return ranked + ordered_by_rating(part.cells, part.kinds)


def audit_rows(dataset: Dataset) -> list[Record]:
    """The leakage audit of both presets on the first ratings of the log, on which a leak shows as well.

    Returns:
        `preset`, `feature`, `verdict`, `largest_change`.
    """
    from kgrec_gds.workflows.audit import PRESETS, audit_dataset, quick_model

    rows = np.arange(min(_AUDITED_RATINGS, len(dataset.ratings)))
    first = replace(dataset, ratings=dataset.ratings.take(rows))
    models = {name: quick_model(first, name) for name in _AUDITED}
    return [
        {
            "preset": preset,
            "feature": finding.name,
            "verdict": finding.verdict.replace("_", " "),
            "largest_change": finding.largest_change,
        }
        for preset in PRESETS
        for finding in audit_dataset(first, preset, models=models if preset == "default" else {})
    ]
