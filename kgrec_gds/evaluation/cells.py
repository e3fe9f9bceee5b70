"""One cell of the evaluation: what one model, fitted with one seed, predicted under one protocol; kept on disk.

A cell is written when it is finished, so an interrupted evaluation goes on where it stopped. It carries a
fingerprint of what it was made from, and one that was made from something else is made again.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Arrays that only some cells have.
OPTIONAL = ("day_old", "top_lists", "attention")


@dataclass(frozen=True)
class Cell:
    """Predictions of one model, protocol and seed."""

    model: str
    protocol: str
    seed: int
    online_history: bool
    predicted: NDArray[np.float32]
    """Shape (test events,)."""
    day_old: NDArray[np.float32] | None = None
    """The same asked a day earlier, where measured."""
    top_lists: NDArray[np.int32] | None = None
    """Shape (cases, k), where the ranking was measured."""
    attention: NDArray[np.float32] | None = None
    """Weights of a few test predictions, shape (predictions, steps), where the model tells."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Seconds of `fit`, `predict`, `day_old`, `rank`."""
    curves: list[dict[str, float]] = field(default_factory=list)
    """By epoch: `epoch`, `train` and `validation` mean squared error, where the model tells."""


def cell_path(folder: Path, model: str, seed: int) -> Path:
    """File of a cell; the colon of an ablation's name is no character for a file."""
    return folder / f"{model.replace(':', '--')}.{seed}.npz"


def save_cell(path: Path, cell: Cell, mark: str) -> None:
    """Write beside, then rename: a cell is there whole or not at all."""
    about = {
        "fingerprint": mark,
        "model": cell.model,
        "protocol": cell.protocol,
        "seed": cell.seed,
        "online_history": cell.online_history,
        "seconds": cell.seconds,
        "curves": cell.curves,
    }
    arrays: dict[str, Any] = {"predicted": cell.predicted, "about": np.array(json.dumps(about))}
    for name in OPTIONAL:
        if getattr(cell, name) is not None:
            arrays[name] = getattr(cell, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".part.npz")
    np.savez_compressed(beside, allow_pickle=False, **arrays)
    beside.replace(path)


def load_cell(path: Path, mark: str) -> Cell | None:
    """The cell, or None where there is none or it was made from something else."""
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as arrays:
        about = json.loads(str(arrays["about"]))
        if about.pop("fingerprint") != mark:
            return None
        optional = {name: arrays[name] for name in OPTIONAL if name in arrays}
        return Cell(predicted=arrays["predicted"], **optional, **about)
