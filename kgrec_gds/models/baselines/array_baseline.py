"""What the baselines share: their parameters are arrays, saved as one `.npz` file without pickles."""

from abc import abstractmethod
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.data.splits import Split
from kgrec_gds.errors import ModelRunError
from kgrec_gds.models.base import Callback, RatingModel

Arrays = dict[str, NDArray[Any]]
_FILE_NAME = "arrays.npz"


class ArrayBaseline(RatingModel):
    """A baseline whose parameters are arrays."""

    @abstractmethod
    def learn(self, dataset: Dataset, split: Split, seed: int, callback: Callback | None) -> None:
        """Choose on validation, then fit on train and validation."""

    @abstractmethod
    def arrays(self) -> Arrays:
        """The fitted parameters by name."""

    @abstractmethod
    def restore(self, arrays: Arrays) -> None:
        """Take what `arrays` gave."""

    def fit(
        self,
        dataset: Dataset,
        split: Split,
        seed: int,
        *,
        callback: Callback | None = None,
        checkpoints: Path | None = None,
    ) -> Self:
        """Choose on validation, then fit on train and validation; a fit this short keeps no checkpoints."""
        self.learn(dataset, split, seed, callback)
        return self

    def predict_residual(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """Zeros: the baseline is the whole prediction."""
        return np.zeros(len(queries), np.float32)

    def save(self, folder: Path) -> None:
        """Write the parameters."""
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(folder / _FILE_NAME, allow_pickle=False, **self.arrays())

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote.

        Raises:
            ModelRunError: the folder holds no fitted baseline.
        """
        path, model = folder / _FILE_NAME, cls()
        if not path.exists():
            raise ModelRunError(
                f"No fitted {cls.__name__} in {folder}: {_FILE_NAME} is missing. Train it again."
            )
        with np.load(path, allow_pickle=False) as kept:
            model.restore({name: kept[name] for name in kept.files})
        return model


def fitted_events(split: Split) -> NDArray[np.int64]:
    """Event rows of the final fit: train and validation, in time order."""
    return np.sort(np.concatenate([split.train, split.validation]))
