"""A feed-forward network on the feature columns that need no graph."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.features.table import Features
from kgrec_gds.keras_backend import keras
from kgrec_gds.models.baselines.keras_baseline import Inputs, KerasBaseline, dense_layers

LAYERS = (128, 64, 32)
DROPOUT = 0.3
#: Standardised features are clipped to this many standard deviations.
_LIMIT = 4.0


@dataclass(frozen=True)
class Scaling:
    """Means and standard deviations of feature columns over training; a constant column becomes 0."""

    mean_of_column: NDArray[np.float64]
    deviation: NDArray[np.float64]

    @classmethod
    def of(cls, values: NDArray[np.float32]) -> "Scaling":
        """The statistics of `values`, shape (rows, columns)."""
        return cls(values.mean(axis=0, dtype=np.float64), values.std(axis=0, dtype=np.float64))

    def __call__(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Standardise `values`, shape (rows, columns)."""
        scale = np.where(self.deviation > 0, self.deviation, np.inf)
        return np.clip((values - self.mean_of_column) / scale, -_LIMIT, _LIMIT).astype(np.float32)


class FeedForward(KerasBaseline):
    """Dense layers of 128, 64 and 32 with dropout 0.3 on standardised features, added to the baseline estimate."""

    reads_history, adds_to_estimate = True, True
    columns: tuple[str, ...]
    scaling: Scaling

    def prepare(self, dataset: Dataset, events: NDArray[np.int64]) -> None:
        """Take means and standard deviations of the features over the training ratings."""
        self.columns = self.choose(dataset)
        self.scaling = Scaling.of(self.values(dataset, Queries.of(dataset.ratings.take(events))))

    def choose(self, dataset: Dataset) -> tuple[str, ...]:
        """Names of the features that the network reads."""
        return dataset.derive(Features).select(graph=False, vectors=False)

    def values(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """The features of each query, shape (queries, features)."""
        return dataset.derive(Features).table(queries, self.columns).values

    def build(self) -> Any:
        """Dense layers over the features."""
        features = keras.Input((len(self.columns),), name="features")
        return keras.Model({"features": features}, dense_layers(features, LAYERS, DROPOUT))

    def inputs(self, dataset: Dataset, queries: Queries) -> Inputs:
        """Standardised features."""
        return {"features": self.scaling(self.values(dataset, queries))}
