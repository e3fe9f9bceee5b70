"""Model runs as tables."""

from typing import TYPE_CHECKING

from kgrec_gds.cli.options import literal

if TYPE_CHECKING:
    from rich.table import Table

    from kgrec_gds.serving.model_runs import ModelRun
    from kgrec_gds.workflows.models import ModelRuns

#: Horizons of a rating error and their column heads.
_HORIZONS = {"at_once": "at once", "day_old": "a day", "month_old": "a month"}
#: What to do about a run that is not recorded.
_STATES = {
    "unrecorded": "unrecorded: kgrec-gds predict --model RUN, or train --resume for the latest, records it.",
    "interrupted": "interrupted: kgrec-gds train --resume finishes the latest.",
    "damaged": "damaged: its files have changed; kgrec-gds models remove RUN removes it.",
}


def list_of(found: "ModelRuns") -> "Table":
    """One row a run, narrow enough for a terminal of 80 columns."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    title = "Model runs and their test MSE: at once, with a history a day and a month old"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=0, show_edge=False)
    for column in ("run", "model", "protocol"):
        table.add_column(column)
    for column in ("written", *_HORIZONS.values()):
        table.add_column(column, justify="right")
    for run in found.models:
        errors = [_error(run, run.model, horizon) for horizon in _HORIZONS]
        cells = (_name(run), run.model, run.protocol, _written(run), *errors)
        table.add_row(*(literal(cell) for cell in cells))
    notes = []
    if any(run.promoted for run in found.models):
        notes.append("* promoted: predict and recommend use it.")
    if any(not run.on_this_machine for run in found.models):
        notes.append("! its folder is not on this machine: it cannot predict here.")
    states = {run.state for run in found.models}
    notes += [note for state, note in _STATES.items() if state in states]
    if not found.database:
        notes.append("No database runs, so only runs of this machine are shown.")
    table.caption = " ".join(notes) or None
    return table


def side_by_side(found: "ModelRuns") -> "Table":
    """One column a run: its settings, and the errors of all models measured with it."""
    from rich.table import Table

    table = Table(title="Model runs: test MSE", title_justify="left")
    table.add_column("")
    for run in found.models:
        table.add_column(literal(_name(run)), justify="right")
    for row, values in (
        ("model", [run.model for run in found.models]),
        ("protocol", [run.protocol for run in found.models]),
        ("vectors", [run.embeddings or "none" for run in found.models]),
    ):
        table.add_row(row, *(literal(value) for value in values))
    for model in dict.fromkeys(name for run in found.models for name in run.metrics):
        for horizon, head in _HORIZONS.items():
            table.add_row(f"{model}, {head}", *(_error(run, model, horizon) for run in found.models))
    return table


def _error(run: "ModelRun", model: str, horizon: str) -> str:
    errors = run.metrics.get(model, {}).get(horizon)
    return f"{errors['mse']:.4f}" if errors else ""


def _written(run: "ModelRun") -> str:
    if run.state != "recorded":
        return run.state
    return "" if run.predictions is None else f"{run.predictions:,}"


def _name(run: "ModelRun") -> str:
    return run.model_id + (" *" if run.promoted else "") + ("" if run.on_this_machine else " !")
