"""Model runs in the graph and on disk: choose, record, list, promote and remove them."""

import json
import shutil
from dataclasses import dataclass, replace
from typing import Any

from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import ModelRunError
from kgrec_gds.models.run_folder import RunFolder


@dataclass(frozen=True)
class ModelRun:
    """A model run as the graph records it."""

    model_id: str
    created: str
    model: str
    """Its name in the registry."""
    protocol: str
    embeddings: str | None
    seed: int
    promoted: bool
    """Whether predict and recommend use it."""
    predictions: int
    """Its `PREDICTED_RATING` relationships."""
    metrics: dict[str, dict[str, Any]]
    """Test errors by model."""
    on_this_machine: bool
    """Whether its run folder is here, so that it can predict."""


@dataclass(frozen=True)
class RemovedRun:
    """What was removed with a model run."""

    model_id: str
    predictions_deleted: int
    record_deleted: bool
    folder_deleted: bool


def chosen_run(connection: Connection, model_id: str | None = None) -> RunFolder:
    """The run with this id; without an id the promoted run, else the latest finished one that can recommend.

    Raises:
        ModelRunError: there is no such run on this machine, or its model cannot recommend.
    """
    named = model_id or promoted_id(connection)
    run = RunFolder.open(named) if named else RunFolder.latest()
    if not run.recommends:
        raise ModelRunError(
            f"Model run {run.model_id} cannot recommend: its model {run.read('settings').get('model')!r} reads the rating "
            "that it predicts, or is of another version. Choose another run; kgrec-gds models list shows them."
        )
    return run


def promoted_id(connection: Connection) -> str | None:
    """Id of the promoted run, if any."""
    rows = connection.run("serving/promoted_model")
    return rows[0]["id"] if rows else None


def record_run(connection: Connection, run: RunFolder) -> None:
    """Record a finished run as a `ModelRun` node, or record it again."""
    settings, metrics = run.read("settings"), run.read("metrics")
    connection.run(
        "serving/record_run",
        id=run.model_id,
        model=settings["model"],
        protocol=settings["protocol"],
        seed=settings["seed"],
        embeddings=settings["embeddings"],
        cutoff=metrics["cutoffs"].get("test"),
        metrics=json.dumps(metrics["metrics"]),
        parameters=json.dumps(settings),
        versions=json.dumps(run.read("versions")),
    )


def model_runs(connection: Connection, model_ids: tuple[str, ...] = ()) -> list[ModelRun]:
    """The model runs that the graph records, the latest first; or those named, in the order given.

    Raises:
        ModelRunError: the graph has no run of one of these names.
    """
    here = {run.model_id for run in RunFolder.all()}
    runs = {row["model_id"]: _run(row, here) for row in connection.run("serving/model_runs")}
    if unknown := [name for name in model_ids if name not in runs]:
        raise _unknown(unknown[0], list(runs))
    return [runs[name] for name in model_ids] if model_ids else list(runs.values())


def promote(connection: Connection, model_id: str) -> ModelRun:
    """Make predict and recommend use this run.

    Raises:
        ModelRunError: there is no such run, its folder is not on this machine, or its model cannot recommend.
    """
    (run,) = model_runs(connection, (model_id,))
    chosen_run(connection, model_id)
    connection.run("serving/promote_model", modelId=model_id)
    return replace(run, promoted=True)


def remove(connection: Connection, model_id: str) -> RemovedRun:
    """Remove a run's predictions, its record and its folder, as far as they are still there.

    Raises:
        ModelRunError: neither the graph nor this machine has such a run.
    """
    here = {run.model_id: run for run in RunFolder.all()}
    known = {run.model_id for run in model_runs(connection)} | set(here)
    if model_id not in known:
        raise _unknown(model_id, sorted(known))
    predictions = connection.run_alone("serving/delete_model", modelId=model_id)[0]["deleted"]
    record = connection.one("serving/delete_run", modelId=model_id)["deleted"] > 0
    if model_id in here:
        shutil.rmtree(here[model_id].path)
    return RemovedRun(model_id, predictions, record, model_id in here)


def _run(row: dict[str, Any], here: set[str]) -> ModelRun:
    return ModelRun(
        **row | {"metrics": json.loads(row["metrics"]), "on_this_machine": row["model_id"] in here}
    )


def _unknown(model_id: str, known: list[str]) -> ModelRunError:
    return ModelRunError(
        f"There is no model run {model_id!r}. Known runs: {', '.join(known[:5]) or 'none yet'}."
    )
