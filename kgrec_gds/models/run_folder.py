"""The run folder: what a training keeps on disk, and how an interrupted training is found again."""

import contextlib
import importlib.metadata
import platform
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from kgrec_gds import home
from kgrec_gds.errors import ModelRunError
from kgrec_gds.locks import locked
from kgrec_gds.models.manifest import fault_of, read_json, write_json, write_manifest
from kgrec_gds.models.registry import MODELS
from kgrec_gds.progress import warn

RunState = Literal["finished", "interrupted", "training", "damaged"]

_PACKAGES = ("kgrec-gds", "tensorflow", "keras", "numpy", "scikit-learn", "skops")
#: Folders of trainings that were killed before they wrote their settings are removed after a day.
_ABANDONED_SECONDS = 86_400


@dataclass(frozen=True)
class RunFolder:
    """One model run: `<runs>/<model_id>/` with settings, metrics, versions and the files of its model."""

    path: Path

    @property
    def model_id(self) -> str:
        """The run's name everywhere: on disk, in the graph, on the command line."""
        return self.path.name

    @classmethod
    def create(cls, model_id: str | None = None) -> "RunFolder":
        """Make the folder of a new run, named by time and four random characters, so that names sort by time."""
        _remove_abandoned()
        name = model_id or f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        path = home.runs_folder() / name
        path.mkdir(parents=True, exist_ok=True)
        return cls(path)

    @classmethod
    def open(cls, model_id: str) -> "RunFolder":
        """The folder of an existing run.

        Raises:
            ModelRunError: there is none of that name.
        """
        runs = {run.model_id: run for run in cls.all()}  # by name, so that no path leads elsewhere
        if model_id not in runs:
            known = ", ".join(list(runs)[-5:]) or "none yet"
            raise ModelRunError(f"Unknown model run {model_id!r} on this machine; the latest are: {known}.")
        return runs[model_id]

    @classmethod
    def all(cls) -> list["RunFolder"]:
        """All runs, oldest first."""
        if not home.runs_folder().is_dir():
            return []
        folders = [path for path in home.runs_folder().iterdir() if path.is_dir()]
        return [cls(path) for path in sorted(folders, key=lambda path: path.name)]

    @classmethod
    def latest(cls, *, finished: bool = True) -> "RunFolder":
        """The newest finished run whose model recommends, or the newest that `train --resume` can complete.

        Damaged runs are passed over with a warning.

        Raises:
            ModelRunError: there is none.
        """
        for run in reversed(cls.all()):
            if finished and run.finished:
                if (fault := run.fault()) is not None:
                    warn(f"Passing over model run {run.model_id}, which is damaged: {fault}.")
                elif run.recommends:
                    return run
            elif not finished and run.begun and not (run.finished and run.recorded):
                return run
        what = "trained model" if finished else "interrupted training"
        raise ModelRunError(f"No {what} in {home.runs_folder()}. Train one with kgrec-gds train.")

    @property
    def finished(self) -> bool:
        """Whether training came to its end."""
        return self.holds("manifest")

    @property
    def begun(self) -> bool:
        """Whether training has written its settings."""
        return self.holds("settings")

    @property
    def begun_at(self) -> datetime:
        """When training wrote its settings."""
        return datetime.fromtimestamp((self.path / "settings.json").stat().st_mtime, UTC)

    @property
    def recorded(self) -> bool:
        """Whether a finished run stands in a database, as far as this machine knows."""
        return self.holds("recorded")

    @property
    def state(self) -> RunState:
        """Whether training came to its end, and whether the files still have the sizes that they had then."""
        if not self.finished:
            return "training" if self._in_training() else "interrupted"
        return "finished" if fault_of(self.path, thorough=False) is None else "damaged"

    @property
    def recommends(self) -> bool:
        """Whether its model answers for movies that the user has not rated."""
        model = self.read("settings").get("model")
        return isinstance(model, str) and model in MODELS and MODELS[model].recommends

    def finish(self) -> None:
        """Mark the run as finished: write its manifest, the last of its files, and drop the checkpoints."""
        write_manifest(self.path)
        self.drop_checkpoints()

    def fault(self) -> str | None:
        """What is wrong with the files of a finished run; None if all are as training left them."""
        return fault_of(self.path)

    def check(self) -> None:
        """Refuse a run that is not finished, or whose files differ from those that training wrote.

        Raises:
            ModelRunError: the run cannot be used.
        """
        if not self.finished:
            raise self._unfinished("manifest.json")
        if (fault := self.fault()) is not None:
            raise self._damaged(fault)

    def holds(self, name: str) -> bool:
        """Whether there is a JSON file of that name."""
        return (self.path / f"{name}.json").is_file()

    def write(self, name: str, value: Any) -> None:
        """Write one JSON file, whole or not at all."""
        write_json(self.path / f"{name}.json", value)

    def read(self, name: str) -> dict[str, Any]:
        """Read one JSON file.

        Raises:
            ModelRunError: the run lacks it, or it is damaged.
        """
        path = self.path / f"{name}.json"
        if not path.is_file():
            raise self._unfinished(path.name)
        try:
            return read_json(path)
        except (OSError, ValueError) as error:
            raise self._damaged(f"{path.name} cannot be read ({error})") from error

    def _unfinished(self, missing: str) -> ModelRunError:
        return ModelRunError(
            f"Model run {self.model_id} is not finished, or of an older version of kgrec-gds: it has no {missing}. "
            f"Finish it with kgrec-gds train --resume, or remove it: kgrec-gds models remove {self.model_id}."
        )

    def _damaged(self, fault: str) -> ModelRunError:
        return ModelRunError(
            f"Model run {self.model_id} is damaged: {fault}. Restore {self.path} from a copy, or remove the run "
            f"(kgrec-gds models remove {self.model_id}) and train again."
        )

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Lock the unfinished run; the operating system releases the lock when its holder ends.

        Raises:
            ModelRunError: another process trains it.
        """
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(locked(self.checkpoints / "lock", wait=False))
            except BlockingIOError as error:
                raise ModelRunError(
                    f"Another process is training model run {self.model_id}. Wait until it ends, or train a new run."
                ) from error
            yield

    def _in_training(self) -> bool:
        if not (self.checkpoints / "lock").is_file():
            return False
        try:
            with locked(self.checkpoints / "lock", wait=False):
                return False
        except BlockingIOError:
            return True

    @property
    def checkpoints(self) -> Path:
        """Where an unfinished training keeps its epochs."""
        return self.path / "checkpoint"

    def drop_checkpoints(self) -> None:
        """Remove what only an unfinished training needs."""
        shutil.rmtree(self.checkpoints, ignore_errors=True)


def _remove_abandoned() -> None:
    oldest = time.time() - _ABANDONED_SECONDS
    for run in RunFolder.all():
        contents = {path.name for path in run.path.iterdir()}
        if (
            contents <= {"checkpoint", "data.json", "vectors.json", "versions.json"}
            and _modified(run) < oldest
        ):
            shutil.rmtree(run.path, ignore_errors=True)


def _modified(run: RunFolder) -> float:
    return max(path.stat().st_mtime for path in (run.path, *run.path.iterdir()))


def versions() -> dict[str, str]:
    """Versions of Python and of what the numbers depend on."""
    found = {name: importlib.metadata.version(name) for name in _PACKAGES}
    return {"python": platform.python_version(), **found}
