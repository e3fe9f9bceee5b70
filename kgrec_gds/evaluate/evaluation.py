"""The evaluation as one call: fit, predict, count, write the report."""

from dataclasses import dataclass, replace
from pathlib import Path

from kgrec_gds.errors import InputError
from kgrec_gds.evaluate.harness import EvaluateSettings, run_cells
from kgrec_gds.evaluate.predictors import MODELS, spec_of
from kgrec_gds.evaluate.records import Record, Results, results
from kgrec_gds.progress import say
from kgrec_gds.windows.dataset import Dataset


@dataclass(frozen=True)
class Evaluation:
    """What was measured, and where it was written."""

    results: Results
    folder: Path
    page: Path
    files: list[Path]


def evaluate(
    dataset: Dataset, settings: EvaluateSettings, out: Path, *, audit: list[Record] | None = None
) -> Evaluation:
    """Measure models under protocols with seeds, and write `metrics.json`, CSV files and `index.html`.

    What was finished before an interruption is read from `out/cells` and not fitted again.

    Args:
        dataset: all ratings, movies, facts and vectors.
        settings: what to measure; no models means all.
        out: folder of the report.
        audit: rows of the leakage audit, for the page.

    Raises:
        InputError: an unknown model, or nothing to measure.
    """
    for model in settings.models:
        spec_of(model)
    if not len(dataset.ratings):
        raise InputError("An evaluation needs ratings; the graph has none. Import with --ratings first.")
    if settings.seeds < 1 or not settings.protocols:
        raise InputError(f"At least one seed and one protocol are needed; received {settings}.")
    settings = replace(settings, models=settings.models or tuple(MODELS))
    measured = run_cells(dataset, settings, out / "cells")
    say("Counting: metrics, intervals, figures.")
    found = results(dataset, measured, settings.seeds)

    from kgrec_gds.evaluate.report.files import write_numbers
    from kgrec_gds.evaluate.report.page import render

    files = write_numbers(found, out)
    page = out / "index.html"
    page.write_text(render(dataset, measured, found, audit or []), encoding="utf-8")
    return Evaluation(found, out, page, [*files, page])
