"""Model runs: which one is meant, and listing, promoting and removing them."""

import json
import shutil
from dataclasses import dataclass
from typing import Any

from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import ModelRunError
from kgrec_gds.models.run_folder import RunFolder


@dataclass(frozen=True)
class ModelRun:
    """One model run, as the graph records it."""

    model_id: str
    created: str
    protocol: str
    preset: str
    embeddings: str | None
    seed: int
    promoted: bool
    """Whether predict and recommend use it."""
    predictions: int
    """Its `PREDICTED_RATING` edges."""
    metrics: dict[str, dict[str, float]]
    """Test errors by model."""
    on_this_machine: bool
    """Whether its run folder is here, so that it can predict."""


@dataclass(frozen=True)
class Removed:
    """What a removal took away."""

    model_id: str
    predictions_deleted: int
    record_deleted: bool
    folder_deleted: bool


def chosen_run(graph: Connection, model_id: str | None = None) -> RunFolder:
    """The run of that id; without one the promoted run, else the latest finished one that can recommend.

    Raises:
        ModelRunError: there is no such run on this machine, or it is of the preset `paper`.
    """
    named = model_id or promoted_id(graph)
    if named is None:
        return RunFolder.latest()
    run = RunFolder.open(named)
    if run.read("settings")["preset"] == "paper":
        raise ModelRunError(
            f"Model run {named} is of the preset paper, which knows rated events only and cannot recommend. "
            "Name a run of the preset default; kgrec-gds models list shows them."
        )
    return run


def promoted_id(graph: Connection) -> str | None:
    """Id of the promoted run, if any."""
    rows = graph.run("serving/promoted_model")
    return rows[0]["id"] if rows else None


def model_runs(graph: Connection, model_ids: tuple[str, ...] = ()) -> list[ModelRun]:
    """The graph's model runs, the latest first; all, or those named, in the order named.

    Raises:
        ModelRunError: the graph has no run of a name.
    """
    here = {run.model_id for run in RunFolder.all()}
    runs = {row["model_id"]: _run(row, here) for row in graph.run("serving/model_runs")}
    if unknown := [name for name in model_ids if name not in runs]:
        raise _unknown(unknown[0], list(runs))
    return [runs[name] for name in model_ids] if model_ids else list(runs.values())


def promote(graph: Connection, model_id: str) -> ModelRun:
    """Make a run the one that predict and recommend use.

    Raises:
        ModelRunError: there is no such run, its folder is not here, or it cannot recommend.
    """
    (run,) = model_runs(graph, (model_id,))
    chosen_run(graph, model_id)
    graph.run("serving/promote_model", modelId=model_id)
    return ModelRun(**(vars(run) | {"promoted": True}))


def remove(graph: Connection, model_id: str) -> Removed:
    """Remove a run with its predictions, its record and its folder; what was removed before is no error.

    Raises:
        ModelRunError: neither the graph nor this machine knows such a run.
    """
    known = {run.model_id for run in model_runs(graph)} | {run.model_id for run in RunFolder.all()}
    if model_id not in known:
        raise _unknown(model_id, sorted(known))
    predictions = graph.run_alone("serving/delete_model", modelId=model_id)[0]["deleted"]
    record = graph.one("serving/delete_run", modelId=model_id)["deleted"] > 0
    folder = model_id in {run.model_id for run in RunFolder.all()}
    if folder:
        shutil.rmtree(RunFolder.open(model_id).path)
    return Removed(model_id, predictions, record, folder)


def _run(row: dict[str, Any], here: set[str]) -> ModelRun:
    return ModelRun(
        **row | {"metrics": json.loads(row["metrics"]), "on_this_machine": row["model_id"] in here}
    )


def _unknown(model_id: str, known: list[str]) -> ModelRunError:
    return ModelRunError(
        f"There should be a model run {model_id!r}; known are: {', '.join(known[:5]) or 'none yet'}."
    )
