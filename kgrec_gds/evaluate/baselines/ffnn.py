"""A feed-forward net on the causal features, without the graph's."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.evaluate.baselines.base import as_queries
from kgrec_gds.evaluate.baselines.networks import Inputs, NetworkBaseline
from kgrec_gds.windows.biases import Queries
from kgrec_gds.windows.dataset import Dataset
from kgrec_gds.windows.features import FeatureIndex, FeatureSettings

LAYERS = (128, 64, 32)
DROPOUT = 0.3


class Ffnn(NetworkBaseline):
    """Dense layers of 128, 64 and 32 with dropout 0.3 on standardised features."""

    name = "ffnn"
    online_history = True

    def __init__(self) -> None:
        super().__init__()
        self._kept: tuple[Dataset, FeatureIndex] | None = None

    def prepare(self, dataset: Dataset, events: NDArray[np.int64]) -> None:
        """Take means and deviations of the features over these events; a feature without any is left at 0."""
        values = self._features(dataset, as_queries(dataset.ratings, events))
        self._offset = values.mean(axis=0, dtype=np.float64)
        deviation = values.std(axis=0, dtype=np.float64)
        self._scale = np.where(deviation > 0, deviation, np.inf)

    def build(self, dataset: Dataset) -> Any:
        """The published architecture."""
        import keras

        del dataset
        features = keras.Input((len(self._offset),), name="features")
        x = features
        for units in LAYERS:
            x = keras.layers.Dense(units, activation="relu")(x)
            x = keras.layers.Dropout(DROPOUT)(x)
        return keras.Model({"features": features}, keras.layers.Dense(1)(x))

    def inputs(self, dataset: Dataset, queries: Queries) -> Inputs:
        """Standardised features, held within six deviations of training."""
        values = (self._features(dataset, queries) - self._offset) / self._scale
        return {"features": np.clip(values, -6, 6).astype(np.float32)}

    def _features(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        return self._index(dataset).table(queries).values  # (queries, features)

    def _index(self, dataset: Dataset) -> FeatureIndex:
        # Grouping the log costs seconds; one data set is asked many times.
        if self._kept is None or self._kept[0] is not dataset:
            self._kept = (dataset, FeatureIndex(dataset, FeatureSettings(graph=False)))
        return self._kept[1]
