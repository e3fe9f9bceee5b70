"""State of a fit between two epochs, and where it is kept."""

import json
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from kgrec_gds.models.attention_lstm.network import AttentionNetwork
from kgrec_gds.models.manifest import fault_of, write_manifest
from kgrec_gds.progress import warn


@dataclass
class Progress:
    """State of a fit between two epochs."""

    epoch: int = 0
    """Epochs finished."""
    history: list[dict[str, float]] = field(default_factory=list)
    """By epoch: `epoch`, `train_mse`, and `validation_mse` where it was measured."""
    best_epoch: int = 0
    best_error: float = float("inf")


@dataclass(frozen=True)
class Checkpoint:
    """Weights, optimizer and progress of the last finished epoch; replaced as a whole by rename."""

    folder: Path

    def save(self, network: AttentionNetwork, optimizer: Any, progress: Progress) -> None:
        """Write everything that the next epoch needs."""
        fresh, old = self._beside("part"), self._beside("old")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        network.save_weights(fresh / "network.weights.h5")
        state = {f"v{number}": np.asarray(variable) for number, variable in enumerate(optimizer.variables)}
        np.savez(fresh / "optimizer.npz", allow_pickle=False, **state)
        (fresh / "progress.json").write_text(json.dumps(asdict(progress)), "utf-8")
        write_manifest(fresh)
        shutil.rmtree(old, ignore_errors=True)
        if self.folder.exists():
            self.folder.rename(old)
        fresh.rename(self.folder)
        shutil.rmtree(old, ignore_errors=True)

    def restore(self, network: AttentionNetwork, optimizer: Any) -> Progress | None:
        """Read it back into network and optimizer; None where nothing was kept."""
        # An interrupt between the two renames leaves the previous epoch under `.old`.
        folder = self.folder if self.folder.exists() else self._beside("old")
        if not (folder / "progress.json").is_file():
            return None
        if (fault := fault_of(folder)) is not None:
            warn(f"Beginning again with the first epoch: {folder} is damaged ({fault}).")
            return None
        network.load_weights(folder / "network.weights.h5")
        with np.load(folder / "optimizer.npz") as state:
            for number, variable in enumerate(optimizer.variables):
                variable.assign(state[f"v{number}"])
        return Progress(**json.loads((folder / "progress.json").read_text("utf-8")))

    def _beside(self, ending: str) -> Path:
        return self.folder.with_name(f"{self.folder.name}.{ending}")
