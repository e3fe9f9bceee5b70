"""What the baselines share: their parameters are saved as one `.npz` file without pickles."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, ClassVar, Self, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.data.splits import Split
from kgrec_gds.errors import ModelRunError
from kgrec_gds.models.base import Callback, RatingModel

_FILE_NAME = "arrays.npz"


class ArrayBaseline(RatingModel):
    """A baseline whose parameters are its annotated public attributes: numbers, arrays, tuples, or dataclasses of them."""

    @abstractmethod
    def learn(self, dataset: Dataset, split: Split, seed: int, callback: Callback | None) -> None:
        """Choose on validation, then fit on train and validation."""

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
        np.savez(folder / _FILE_NAME, allow_pickle=False, **_arrays(self))

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
            vars(model).update(_values(cls, kept))
        return model


def fitted_events(split: Split) -> NDArray[np.int64]:
    """Event rows of the final fit: train and validation, in time order."""
    return np.sort(np.concatenate([split.train, split.validation]))


def _parameters(owner: type) -> dict[str, Any]:
    """Types of the annotated public attributes by name."""
    return {
        name: kind
        for name, kind in get_type_hints(owner).items()
        if get_origin(kind) is not ClassVar and not name.startswith("_")
    }


def _arrays(owner: Any, prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, kind in _parameters(type(owner)).items():
        value = getattr(owner, name)
        found |= _arrays(value, f"{prefix}{name}.") if is_dataclass(kind) else {prefix + name: value}
    return found


def _values(owner: type, arrays: Mapping[str, NDArray[Any]], prefix: str = "") -> dict[str, Any]:
    """What `_arrays` was given."""
    found: dict[str, Any] = {}
    for name, kind in _parameters(owner).items():
        make: Any = tuple if get_origin(kind) is tuple else kind
        if is_dataclass(kind):
            found[name] = make(**_values(make, arrays, f"{prefix}{name}."))
        else:
            value = arrays[prefix + name]
            found[name] = make(value.tolist()) if make in (tuple, float) else value
    return found
