"""A feed-forward net on the causal features, without the graph's."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.baseline_estimates import Queries
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.features.table import FeatureTable
from kgrec_gds.models.baselines.keras_baseline import Inputs, NetworkBaseline
from kgrec_gds.models.inputs import chosen_columns, read_inputs

LAYERS = (128, 64, 32)
DROPOUT = 0.3


class Ffnn(NetworkBaseline):
    """Dense layers of 128, 64 and 32 with dropout 0.3 on standardised features, added to the causal bias."""

    name = "ffnn"
    online_history = True

    def __init__(self) -> None:
        super().__init__()
        self._asked: tuple[Queries, FeatureTable] | None = None  # the last question, which is asked twice

    def prepare(self, dataset: Dataset, events: NDArray[np.int64]) -> None:
        """Take means and deviations of the features over these events; a feature without any is left at 0."""
        values = _own(*_of_events(dataset, events))
        self._offset = values.mean(axis=0, dtype=np.float64)
        deviation = values.std(axis=0, dtype=np.float64)
        self._scale = np.where(deviation > 0, deviation, np.inf)

    def build(self, dataset: Dataset) -> Any:
        """The published architecture."""
        from kgrec_gds.models.keras_backend import keras

        del dataset
        features = keras.Input((len(self._offset),), name="features")
        return keras.Model({"features": features}, keras.layers.Dense(1)(dense_layers(features, LAYERS)))

    def known_part(self, dataset: Dataset, queries: Queries) -> NDArray[np.floating]:
        """The causal bias of each query."""
        return self._table(dataset, queries).column("bias")

    def known_of_events(self, dataset: Dataset, events: NDArray[np.int64]) -> NDArray[np.floating]:
        """The causal bias of each event."""
        return read_inputs(dataset).bias[events]

    def inputs(self, dataset: Dataset, queries: Queries) -> Inputs:
        """Standardised features, held within four deviations of training."""
        table = self._table(dataset, queries)
        return self._standardised(table.values, table.names)

    def event_inputs(self, dataset: Dataset, events: NDArray[np.int64]) -> Inputs:
        """As `inputs`, from what is known of the log's events."""
        return self._standardised(*_of_events(dataset, events))

    def _standardised(self, values: NDArray[np.float32], names: tuple[str, ...]) -> Inputs:
        values = (_own(values, names) - self._offset) / self._scale
        return {"features": np.clip(values, -4, 4).astype(np.float32)}

    def _table(self, dataset: Dataset, queries: Queries) -> FeatureTable:
        if self._asked is None or self._asked[0] is not queries:
            self._asked = (queries, read_inputs(dataset).index.table(queries))
        return self._asked[1]


def _own(values: NDArray[np.float32], names: tuple[str, ...]) -> NDArray[np.float32]:
    """The columns without the graph's: (rows, features)."""
    return values[:, chosen_columns(names, graph=False, vectors=False)]


def _of_events(dataset: Dataset, events: NDArray[np.int64]) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    inputs = read_inputs(dataset)
    return inputs.features[events], inputs.feature_names


def dense_layers(x: Any, layers: tuple[int, ...]) -> Any:
    """Dense layers with dropout between them."""
    from kgrec_gds.models.keras_backend import keras

    for units in layers:
        x = keras.layers.Dense(units, activation="relu")(x)
        x = keras.layers.Dropout(DROPOUT)(x)
    return x
