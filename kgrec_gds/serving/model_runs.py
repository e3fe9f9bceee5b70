"""Model runs in the graph and on disk: choose, record and list them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import ModelRunError
from kgrec_gds.models.run_folder import RunFolder


@dataclass(frozen=True)
class ModelRun:
    """A model run as the graph records it, or as its folder holds it."""

    model_id: str
    created: str
    model: str
    """Its name in the registry."""
    protocol: str
    embeddings: str | None
    seed: int
    promoted: bool
    """Whether predict and recommend use it."""
    predictions: int | None
    """Its `PREDICTED_RATING` relationships; None where no database was asked."""
    metrics: dict[str, dict[str, Any]]
    """Test errors by model."""
    on_this_machine: bool
    """Whether its run folder is here, so that it can predict."""
    state: Literal["recorded", "unrecorded", "interrupted", "training", "damaged"]
    """`unrecorded`: finished, but no database knows of it; `interrupted`: `train --resume` finishes it; `damaged`: its files
    are not those that training wrote."""


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
    """Record a finished run as a `ModelRun` node, or record it again.

    Raises:
        ModelRunError: the run is not finished, damaged, or of another version.
    """
    # Imported here because reading recommendations from the graph needs no numpy.
    from kgrec_gds.models.train_result import TrainResult
    from kgrec_gds.models.training import RunSettings

    settings, measured = RunSettings.read(run), TrainResult.read(run)
    connection.run(
        "serving/record_run",
        id=run.model_id,
        model=settings.model,
        protocol=settings.protocol,
        seed=settings.seed,
        embeddings=settings.embeddings,
        cutoff=measured.cutoffs.get("test"),
        metrics=json.dumps(measured.metrics),
        parameters=json.dumps(asdict(settings)),
        versions=json.dumps(run.read("versions")),
    )


@contextmanager
def recording(run: RunFolder) -> Iterator[None]:
    """Mark a finished run as recorded after the block; if the database fails in it, say how to record the run later.

    Raises:
        ModelRunError: the database failed.
    """
    from neo4j.exceptions import DriverError, Neo4jError

    try:
        yield
    except (DriverError, Neo4jError) as error:
        reason = " ".join(str(getattr(error, "message", None) or error).split())
        raise ModelRunError(
            f"Model run {run.model_id} is trained and kept in {run.path}, but the database could not record it: {reason}. "
            "When the database answers again, kgrec-gds train --resume records it without training."
        ) from error
    run.write("recorded", {"at": datetime.now(UTC).isoformat(timespec="seconds")})


def model_runs(connection: Connection | None, model_ids: tuple[str, ...] = ()) -> list[ModelRun]:
    """The model runs of the graph and of this machine, the latest first; or those named, in the order given.

    Raises:
        ModelRunError: there is no run of one of these names.
    """
    here = {run.model_id: run for run in RunFolder.all() if run.begun}
    runs = {model_id: _on_disk(run, asked=connection is not None) for model_id, run in here.items()}
    for row in connection.run("serving/model_runs") if connection is not None else ():
        folder = here.get(row["model_id"])
        damaged = folder is not None and folder.state == "damaged"
        runs[row["model_id"]] = ModelRun(
            **row | {"metrics": json.loads(row["metrics"])},
            on_this_machine=folder is not None,
            state="damaged" if damaged else "recorded",
        )
    if unknown := [name for name in model_ids if name not in runs]:
        raise unknown_run(unknown[0], list(runs))
    latest_first = sorted(runs.values(), key=lambda run: (run.created[:19], run.model_id), reverse=True)
    return [runs[name] for name in model_ids] if model_ids else latest_first


def _on_disk(run: RunFolder, *, asked: bool) -> ModelRun:
    """A run as its folder describes it, as far as that can be read; `asked` means that a database does not know it."""
    try:
        settings = run.read("settings")
        metrics = run.read("metrics")["metrics"] if run.finished else {}
        state = run.state
    except (ModelRunError, KeyError):
        settings, metrics, state = {}, {}, "damaged"
    return ModelRun(
        model_id=run.model_id,
        created=run.begun_at.isoformat(),
        model=str(settings.get("model", "")),
        protocol=str(settings.get("protocol", "")),
        embeddings=settings.get("embeddings"),
        seed=settings.get("seed", 0),
        promoted=False,
        predictions=0 if asked else None,
        metrics=metrics,
        on_this_machine=True,
        state=("unrecorded" if asked or not run.recorded else "recorded") if state == "finished" else state,
    )


def unknown_run(model_id: str, known: list[str]) -> ModelRunError:
    """There is no such model run."""
    return ModelRunError(
        f"There is no model run {model_id!r}. Known runs: {', '.join(known[:5]) or 'none yet'}."
    )
