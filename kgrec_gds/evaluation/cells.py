"""A cell of the evaluation: the predictions of one model, protocol and seed, kept on disk.

A cell is written when it is finished, so that an interrupted evaluation resumes with the next. It carries a fingerprint
of what it was made from; a cell that was made from something else is made again.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.evaluation.plan import CellKey

_OPTIONAL = ("top_lists", "candidate_ratings", "attention")
_PREDICTED = "predicted."


@dataclass(frozen=True)
class Cell:
    """Test predictions of one model, protocol and seed."""

    key: CellKey
    predicted: dict[str, NDArray[np.float32]]
    """By horizon (`at_once`, `day_old`, `month_old`), shape (test events,); without those that do not exist."""
    top_lists: NDArray[np.int32] | None = None
    """Movies in the order of predicted rating in the sampled ranking cases, shape (cases, k)."""
    candidate_ratings: NDArray[np.float32] | None = None
    """Predicted ratings of all movies in those cases, shape (cases, movies), kept for the parts of a blend."""
    attention: NDArray[np.float32] | None = None
    """Weights of a few test predictions, shape (predictions, window), where the model attends."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Seconds of `fit`, `predict` and `rank`."""
    history: list[dict[str, float]] = field(default_factory=list)
    """By epoch: `epoch`, `train_mse` and `validation_mse`, where the model has epochs."""


def cell_path(folder: Path, key: CellKey) -> Path:
    """File of a cell; a file name cannot hold the colon of a variant's name."""
    return folder / key.protocol / f"{key.model.replace(':', '--')}.{key.seed}.npz"


def save_cell(folder: Path, cell: Cell, mark: str) -> None:
    """Write a cell, which is either whole or absent."""
    about = {"fingerprint": mark, "seconds": cell.seconds, "history": cell.history}
    arrays: dict[str, Any] = {_PREDICTED + horizon: values for horizon, values in cell.predicted.items()}
    arrays |= {name: value for name in _OPTIONAL if (value := getattr(cell, name)) is not None}
    write_arrays(cell_path(folder, cell.key), about=np.array(json.dumps(about)), **arrays)


def write_arrays(path: Path, **arrays: NDArray[Any]) -> None:
    """Write an `.npz` file, whole or not at all: to a temporary file that is renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part.npz")
    np.savez_compressed(unfinished, allow_pickle=False, **arrays)
    unfinished.replace(path)


def load_cell(folder: Path, key: CellKey, mark: str) -> Cell | None:
    """The cell, or None where it is absent or was made from something else."""
    path = cell_path(folder, key)
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as arrays:
        about = json.loads(str(arrays["about"]))
        if about.pop("fingerprint") != mark:
            return None
        predicted = {
            name.removeprefix(_PREDICTED): arrays[name]
            for name in arrays.files
            if name.startswith(_PREDICTED)
        }
        optional = {name: arrays[name] for name in _OPTIONAL if name in arrays.files}
        return Cell(key, predicted, **optional, **about)
