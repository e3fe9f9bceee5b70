"""Model runs in the graph and on disk: choose, record and list them."""

import json
from dataclasses import dataclass
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
    runs = {}
    for row in connection.run("serving/model_runs"):
        changes = {"metrics": json.loads(row["metrics"]), "on_this_machine": row["model_id"] in here}
        runs[row["model_id"]] = ModelRun(**row | changes)
    if unknown := [name for name in model_ids if name not in runs]:
        raise unknown_run(unknown[0], list(runs))
    return [runs[name] for name in model_ids] if model_ids else list(runs.values())


def unknown_run(model_id: str, known: list[str]) -> ModelRunError:
    """There is no such model run."""
    return ModelRunError(
        f"There is no model run {model_id!r}. Known runs: {', '.join(known[:5]) or 'none yet'}."
    )
