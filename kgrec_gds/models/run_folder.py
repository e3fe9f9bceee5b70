"""The run folder: what a training keeps on disk, and how an interrupted training is found again."""

import contextlib
import importlib.metadata
import json
import platform
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kgrec_gds import home
from kgrec_gds.errors import ModelRunError
from kgrec_gds.locks import locked
from kgrec_gds.models.registry import MODELS

_PACKAGES = ("kgrec-gds", "tensorflow", "keras", "numpy", "scikit-learn", "skops")


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
            raise ModelRunError(f"Unknown model run {model_id!r} on this machine; the latest are: {known}.")
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
        """The newest finished run whose model recommends, or the newest run that is not finished.

        Raises:
            ModelRunError: there is none.
        """
        found = [run for run in cls.all() if run.begun and run.finished == finished]
        if finished:
            found = [run for run in found if run.recommends]
        if not found:
            what = "trained model" if finished else "interrupted training"
            raise ModelRunError(f"No {what} in {home.runs_folder()}. Train one with kgrec-gds train.")
        return found[-1]

    @property
    def finished(self) -> bool:
        """Whether training came to its end."""
        return self.holds("metrics")

    @property
    def begun(self) -> bool:
        """Whether training has written its settings."""
        return self.holds("settings")

    @property
    def recommends(self) -> bool:
        """Whether its model answers for movies that the user has not rated."""
        model = self.read("settings").get("model")
        return model in MODELS and MODELS[model].recommends

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
                f"Model run {self.model_id} is not finished: it has no {path.name}. "
                "Finish it with kgrec-gds train --resume, or remove its folder."
            )
        return json.loads(path.read_text("utf-8"))

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

    @property
    def checkpoints(self) -> Path:
        """Where an unfinished training keeps its epochs."""
        return self.path / "checkpoint"

    def drop_checkpoints(self) -> None:
        """Remove what only an unfinished training needs."""
        shutil.rmtree(self.checkpoints, ignore_errors=True)


def versions() -> dict[str, str]:
    """Versions of Python and of what the numbers depend on."""
    found = {name: importlib.metadata.version(name) for name in _PACKAGES}
    return {"python": platform.python_version(), **found}
