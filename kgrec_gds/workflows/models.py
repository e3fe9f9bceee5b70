"""List, compare, promote and remove model runs."""

from dataclasses import dataclass

from kgrec_gds.database.connection import Connection
from kgrec_gds.progress import Timer
from kgrec_gds.serving import model_runs
from kgrec_gds.serving.model_runs import ModelRun, RemovedRun


@dataclass(frozen=True)
class ModelRuns:
    """Model runs, the latest first, or in the order in which they were named."""

    models: list[ModelRun]
    seconds: dict[str, float]


@dataclass(frozen=True)
class Promoted(ModelRun):
    """The run that predict and recommend use from now on."""

    seconds: dict[str, float]


@dataclass(frozen=True)
class Removed(RemovedRun):
    """What was removed."""

    seconds: dict[str, float]


def list_models(connection: Connection, model_ids: tuple[str, ...] = ()) -> ModelRuns:
    """All model runs that the graph records, or those named.

    Raises:
        ModelRunError: the graph has no run of one of these names.
    """
    timer = Timer()
    with timer.stage("read"):
        runs = model_runs.model_runs(connection, model_ids)
    return ModelRuns(runs, timer.seconds)


def promote(connection: Connection, model_id: str) -> Promoted:
    """Make predict and recommend use this run.

    Raises:
        ModelRunError: there is no such run, its folder is not on this machine, or its model cannot recommend.
    """
    timer = Timer()
    with timer.stage("write"):
        run = model_runs.promote(connection, model_id)
    return Promoted(**vars(run), seconds=timer.seconds)


def remove(connection: Connection, model_id: str) -> Removed:
    """Remove a run's predictions, its record and its folder.

    Raises:
        ModelRunError: neither the graph nor this machine has such a run.
    """
    timer = Timer()
    with timer.stage("write"):
        removed = model_runs.remove(connection, model_id)
    return Removed(**vars(removed), seconds=timer.seconds)
