"""The evaluation as one call: fit, predict, count, write the report."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.splits import PARTS, split
from kgrec_gds.errors import InputError
from kgrec_gds.evaluation.harness import EvaluateSettings, planned, run_cells
from kgrec_gds.evaluation.predictors import measurable, spec_of
from kgrec_gds.evaluation.records import Record, Results, results
from kgrec_gds.evaluation.workers import fill
from kgrec_gds.progress import say


@dataclass(frozen=True)
class Evaluation:
    """What was measured, and where it was written."""

    results: Results
    folder: Path
    page: Path
    files: list[Path]


def evaluate(dataset: Dataset, settings: EvaluateSettings, out: Path) -> Evaluation:
    """Measure models under protocols with seeds, and write `metrics.json`, tables and `index.html`.

    What was finished before an interruption is read from `out/cells` and not fitted again.

    Args:
        dataset: all ratings, movies, facts and vectors.
        settings: what to measure; no models means all, the ablations of them under the first honest protocol, with the
            first seed.
        out: folder of the report.

    Raises:
        InputError: an unknown model, or a protocol under which there is nothing to train on or to measure.
    """
    settings = replace(
        settings,
        models=tuple(dict.fromkeys(settings.models)),
        protocols=tuple(dict.fromkeys(settings.protocols)),
    )
    for model in settings.models:
        _refuse_without_vectors(model, dataset)
    if not len(dataset.ratings):
        raise InputError("An evaluation needs ratings; the graph has none. Import with --ratings first.")
    if settings.seeds < 1 or not settings.protocols:
        raise InputError(f"At least one seed and one protocol are needed; received {settings}.")
    for protocol in settings.protocols:
        split(dataset.ratings, protocol).holding(*PARTS)
    if not settings.models:
        # Five ablations with every seed and protocol would take longer than all the rest.
        honest = tuple(protocol for protocol in settings.protocols if protocol != "paper")[:1]
        settings = replace(settings, models=measurable(dataset), ablation_seeds=1, ablation_protocols=honest)
    if not list(planned(settings)):
        raise InputError(
            f"There should be something to measure; {', '.join(settings.models)} has no part of ours to leave out under "
            "the protocol paper. Choose another --protocol."
        )
    if settings.workers > 1 and len(settings.protocols) * settings.seeds > 1:
        fill(dataset, settings, out / "cells", settings.workers)
    measured = run_cells(dataset, settings, out / "cells")
    say("Counting: metrics, intervals, audit, figures.")
    found = results(dataset, measured, settings.seeds)

    from kgrec_gds.evaluation.report import markdown
    from kgrec_gds.evaluation.report import report_files as files
    from kgrec_gds.evaluation.report import report_page as page

    tables, index = out / "tables.md", out / "index.html"
    index.unlink(missing_ok=True)  # no page stands beside numbers of another evaluation
    written = files.write_numbers(found, out)
    tables.write_text(markdown.render(found, list(measured)), encoding="utf-8")
    audit = audit_rows(dataset) if settings.audit else []
    index.write_text(page.render(dataset, measured, found, audit), encoding="utf-8")
    return Evaluation(found, out, index, [*written, tables, index])


def _refuse_without_vectors(model: str, dataset: Dataset) -> None:
    wanted = spec_of(model).vectors
    if wanted is None or model in measurable(dataset):
        return
    if wanted in dataset.methods():
        raise InputError(f"'{model}' is attention_lstm here: all models read {wanted} vectors; leave it out.")
    raise InputError(
        f"'{model}' needs {wanted} vectors; the graph has {', '.join(dataset.methods()) or 'none'}. "
        f"Make them: kgrec-gds embed --method {wanted}"
    )


def audit_rows(dataset: Dataset, *, events: int = 3_000) -> list[Record]:
    """The leakage audit of both presets on the first ratings of the log, with a quickly fitted model as last row.

    Args:
        dataset: all ratings; the first ones are a log of their own, and a leak shows on few.
        events: how many of them.

    Returns:
        `preset`, `feature`, `verdict`, `largest_change`.
    """
    from kgrec_gds.workflows.audit import Preset, run_audit

    first = replace(dataset, ratings=dataset.ratings.take(np.arange(min(events, len(dataset.ratings)))))
    presets: tuple[Preset, ...] = ("default", "paper")
    return [
        {
            "preset": preset,
            "feature": finding.name,
            "verdict": finding.verdict.replace("_", " "),
            "largest_change": finding.largest_change,
        }
        for preset in presets
        for finding in run_audit(first, preset)[0]
    ]
