"""The run folder: what a training keeps on disk, and how an interrupted one goes on."""

import contextlib
import importlib.metadata
import json
import platform
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from kgrec_gds import home
from kgrec_gds.errors import ModelRunError
from kgrec_gds.locks import locked
from kgrec_gds.models.training_progress import Progress

_PACKAGES = ("kgrec-gds", "tensorflow", "keras", "numpy", "scikit-learn", "skops")


@dataclass(frozen=True)
class RunFolder:
    """One model run: `<runs>/<model_id>/` with settings, cut-offs, metrics, versions, weights and trees."""

    path: Path

    @property
    def model_id(self) -> str:
        """The run's name everywhere: on disk, in the graph, on the command line."""
        return self.path.name

    @classmethod
    def create(cls, model_id: str | None = None) -> "RunFolder":
        """Make the folder of a new run; its name is the moment and four random letters, so it sorts by time."""
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
        path = home.runs_folder() / model_id
        if not model_id or not path.is_dir() or path.parent != home.runs_folder():
            known = ", ".join(run.model_id for run in cls.all()[-5:]) or "none yet"
            raise ModelRunError(f"There should be a model run {model_id!r}; the latest are: {known}.")
        return cls(path)

    @classmethod
    def all(cls) -> list["RunFolder"]:
        """All runs, oldest first."""
        if not home.runs_folder().is_dir():
            return []
        folders = [path for path in home.runs_folder().iterdir() if path.is_dir()]
        return [cls(path) for path in sorted(folders, key=lambda path: path.name)]

    @classmethod
    def latest(cls, *, finished: bool = True) -> "RunFolder":
        """The newest run that is finished and can predict, or the newest that is not finished.

        Raises:
            ModelRunError: there is none.
        """
        fitting = [
            run for run in cls.all() if (run.predicts if finished else run.begun) and run.finished == finished
        ]
        if not fitting:
            wanted = "a trained model" if finished else "an interrupted training"
            hint = "train one first: kgrec-gds train" if finished else "start one with kgrec-gds train"
            raise ModelRunError(
                f"There should be {wanted} in {home.runs_folder()}, but there is none; {hint}."
            )
        return fitting[-1]

    @property
    def finished(self) -> bool:
        """Whether training came to its end."""
        return self.holds("metrics")

    @property
    def begun(self) -> bool:
        """Whether training got as far as to write down what it was asked for."""
        return self.holds("settings")

    @property
    def predicts(self) -> bool:
        """Whether it holds what `predict` needs; the preset `paper` cannot predict unseen movies."""
        return self.holds("default")

    def holds(self, name: str) -> bool:
        """Whether there is a JSON file of that name."""
        return (self.path / f"{name}.json").is_file()

    def write(self, name: str, value: Any) -> None:
        """Write one JSON file, whole or not at all."""
        target = self.path / f"{name}.json"
        beside = target.with_suffix(".json.part")
        beside.write_text(json.dumps(value, indent=1, default=float, ensure_ascii=False) + "\n", "utf-8")
        beside.replace(target)

    def read(self, name: str) -> Any:
        """Read one JSON file.

        Raises:
            ModelRunError: the run lacks it.
        """
        path = self.path / f"{name}.json"
        if not path.is_file():
            raise ModelRunError(
                f"The run {self.model_id} should hold {path.name}, but does not: it is not finished. "
                "Go on with it by kgrec-gds train --resume, or remove its folder."
            )
        return json.loads(path.read_text("utf-8"))

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold the unfinished run; the system frees it when the holder dies.

        Raises:
            ModelRunError: another process trains it.
        """
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(locked(self.path / "checkpoint" / "lock", wait=False))
            except BlockingIOError as error:
                raise ModelRunError(
                    f"The run {self.model_id} should be interrupted to go on with it, but a process is training it."
                ) from error
            yield

    def checkpoint(self, phase: str) -> "FolderCheckpoint":
        """Where a phase of training keeps its epochs."""
        return FolderCheckpoint(self.path / "checkpoint" / phase)

    def drop_checkpoints(self) -> None:
        """Remove what only an unfinished training needs."""
        shutil.rmtree(self.path / "checkpoint", ignore_errors=True)


@dataclass(frozen=True)
class FolderCheckpoint:
    """Weights, optimizer and progress of the last finished epoch; replaced as a whole by rename."""

    folder: Path

    def save(self, network: Any, optimizer: Any, progress: Progress) -> None:
        """Write everything that the next epoch needs."""
        fresh = self.folder.with_name(self.folder.name + ".part")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        network.save_weights(fresh / "network.weights.h5")
        state = {f"v{number}": np.asarray(variable) for number, variable in enumerate(optimizer.variables)}
        np.savez(fresh / "optimizer.npz", allow_pickle=False, **state)
        (fresh / "progress.json").write_text(json.dumps(asdict(progress)), "utf-8")
        old = self.folder.with_name(self.folder.name + ".old")
        shutil.rmtree(old, ignore_errors=True)
        if self.folder.exists():
            self.folder.rename(old)
        fresh.rename(self.folder)
        shutil.rmtree(old, ignore_errors=True)

    def restore(self, network: Any, optimizer: Any) -> Progress | None:
        """Read it back into network and optimizer; None where nothing was kept."""
        # An interrupt between the two renames leaves the epoch before under `.old`.
        old = self.folder.with_name(self.folder.name + ".old")
        folder = self.folder if self.folder.exists() else old
        if not (folder / "progress.json").is_file():
            return None
        network.load_weights(folder / "network.weights.h5")
        with np.load(folder / "optimizer.npz") as state:
            for number, variable in enumerate(optimizer.variables):
                variable.assign(state[f"v{number}"])
        return Progress(**json.loads((folder / "progress.json").read_text("utf-8")))


def versions() -> dict[str, str]:
    """Versions of Python and of what the numbers depend on."""
    found = {name: importlib.metadata.version(name) for name in _PACKAGES}
    return {"python": platform.python_version(), **found}
