"""List, compare, promote and remove model runs."""

import shutil
from dataclasses import dataclass, replace

from kgrec_gds.database.connection import Connection
from kgrec_gds.errors import ModelRunError
from kgrec_gds.models.run_folder import RunFolder
from kgrec_gds.progress import Timer
from kgrec_gds.serving.model_runs import ModelRun, model_runs, record_run, recording, unknown_run


@dataclass(frozen=True)
class ModelRuns:
    """Model runs, the latest first, or in the order in which they were named."""

    models: list[ModelRun]
    database: bool
    """Whether a database was asked; without one, promotion and numbers of predictions are not known."""
    seconds: dict[str, float]


@dataclass(frozen=True)
class Promoted(ModelRun):
    """The run that predict and recommend use from now on."""

    seconds: dict[str, float]


@dataclass(frozen=True)
class Removed:
    """What was removed with a model run."""

    model_id: str
    predictions_deleted: int
    record_deleted: bool
    folder_deleted: bool
    seconds: dict[str, float]


def list_models(connection: Connection | None, model_ids: tuple[str, ...] = ()) -> ModelRuns:
    """All model runs of the graph and of this machine, or those named; with None those of this machine only.

    Raises:
        ModelRunError: there is no run of one of these names.
    """
    timer = Timer()
    with timer.stage("read"):
        runs = model_runs(connection, model_ids)
    return ModelRuns(runs, connection is not None, timer.seconds)


def promote(connection: Connection, model_id: str) -> Promoted:
    """Make predict and recommend use this run, and put its ranking and network into the graph.

    Raises:
        ModelRunError: there is no such run, its folder is not on this machine, or its model cannot recommend.
    """
    # Imported here because tensorflow takes seconds, which a list of runs does not need.
    from kgrec_gds.serving.loaded_model import LoadedModel
    from kgrec_gds.serving.publish_run import publish_run

    timer = Timer()
    with timer.stage("write"):
        model_runs(connection, (model_id,))  # refuse an unknown name before anything is loaded
        loaded = LoadedModel.load(connection, model_id)
        loaded.ranker_at(loaded.dataset.now)  # a damaged run is refused before anything changes
        with recording(loaded.run):
            record_run(connection, loaded.run)
            connection.run("serving/promote_model", modelId=model_id)
            publish_run(connection, loaded)
        (run,) = model_runs(connection, (model_id,))
    return Promoted(**vars(replace(run, promoted=True)), seconds=timer.seconds)


def remove(connection: Connection, model_id: str) -> Removed:
    """Remove a run's predictions, its record and its folder, as far as they are still there.

    Raises:
        ModelRunError: neither the graph nor this machine has such a run.
    """
    timer = Timer()
    with timer.stage("write"):
        here = {run.model_id: run for run in RunFolder.all()}
        known = {run.model_id for run in model_runs(connection)} | set(here)
        if model_id not in known:
            raise unknown_run(model_id, sorted(known))
        if model_id in here and here[model_id].state == "training":
            raise ModelRunError(
                f"A process is training model run {model_id}. Stop it first, or wait until it ends."
            )
        predictions = connection.run_alone("serving/delete_model", modelId=model_id)[0]["deleted"]
        record = connection.one("serving/delete_run", modelId=model_id)["deleted"] > 0
        if model_id in here:
            shutil.rmtree(here[model_id].path)
    return Removed(model_id, predictions, record, model_id in here, timer.seconds)
