"""Baselines of the protocol `paper`: the published features beside, with the answer inside.

They predict events only: a feature that holds the event's own rating has no value for anything else.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.baseline_estimates import Queries
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.splits import Split
from kgrec_gds.errors import ModelRunError
from kgrec_gds.features.paper_features import paper_features
from kgrec_gds.models.baselines.base import Baseline, fitted_events, on_scale
from kgrec_gds.models.baselines.ffnn import LAYERS, dense_layers
from kgrec_gds.models.baselines.keras_baseline import Inputs, NetworkBaseline
from kgrec_gds.models.baselines.plain_lstm import PlainLstm


class PublishedFeatures:
    """The published features of events, standardised with those of training."""

    def __init__(self, dataset: Dataset, events: NDArray[np.int64]) -> None:
        self._dataset, self._values = dataset, paper_features(dataset).values
        chosen = self._values[events].astype(np.float64)
        deviation = chosen.std(axis=0)
        self._offset, self._scale = chosen.mean(axis=0), np.where(deviation > 0, deviation, np.inf)

    def of(self, events: NDArray[np.int64]) -> NDArray[np.float32]:
        """Shape (events, features)."""
        return ((self._values[events] - self._offset) / self._scale).astype(np.float32)

    @property
    def size(self) -> int:
        """Number of features."""
        return self._values.shape[1]


def _no_queries() -> ModelRunError:
    return ModelRunError(
        "Under the protocol paper a model should be asked about ratings that were given: the published features hold "
        "the rating itself. Ask the same model under global or per-user."
    )


class _OnEvents(NetworkBaseline):
    """A network whose inputs exist for events only."""

    def prepare(self, dataset: Dataset, events: NDArray[np.int64]) -> None:
        """Standardise the published features."""
        self.features = PublishedFeatures(dataset, events)

    def predict_queries(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """Not possible: the features hold the rating that a query asks for."""
        del dataset, queries
        raise _no_queries()


class PaperFfnn(_OnEvents):
    """The feed-forward net on the published features."""

    name = "ffnn"
    online_history = True

    def build(self, dataset: Dataset) -> Any:
        """The published architecture."""
        from kgrec_gds.models.keras_backend import keras

        del dataset
        features = keras.Input((self.features.size,), name="features")
        return keras.Model({"features": features}, keras.layers.Dense(1)(dense_layers(features, LAYERS)))

    def inputs(self, dataset: Dataset, queries: Queries) -> Inputs:
        """Not possible, see `predict_queries`."""
        del dataset, queries
        raise _no_queries()

    def event_inputs(self, dataset: Dataset, events: NDArray[np.int64]) -> Inputs:
        """The published features."""
        del dataset
        return {"features": self.features.of(events)}


class PaperLstm(PlainLstm, _OnEvents):
    """The plain LSTM whose last layer also sees the published features."""

    def prepare(self, dataset: Dataset, events: NDArray[np.int64]) -> None:
        """Remember the known movies, standardise the published features."""
        PlainLstm.prepare(self, dataset, events)
        _OnEvents.prepare(self, dataset, events)

    def build(self, dataset: Dataset) -> Any:
        """As the plain one, with one more input."""
        from kgrec_gds.models.keras_backend import keras

        return self.assemble(dataset, keras.Input((self.features.size,), name="features"))

    def event_inputs(self, dataset: Dataset, events: NDArray[np.int64]) -> Inputs:
        """Windows and the published features."""
        return {**PlainLstm.event_inputs(self, dataset, events), "features": self.features.of(events)}

    def predict_queries(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """Not possible, see above."""
        return _OnEvents.predict_queries(self, dataset, queries)


class PaperTrees(Baseline):
    """Boosted trees on the published features: what the leak alone is worth."""

    name = "trees"
    online_history = True

    def fit(self, dataset: Dataset, split: Split, seed: int) -> None:
        """Fit on train and validation with scikit-learn's own settings."""
        from sklearn.ensemble import HistGradientBoostingRegressor

        events = fitted_events(split)
        values = paper_features(dataset).values[events]
        self.model = HistGradientBoostingRegressor(max_iter=300, early_stopping=False, random_state=seed)
        self.model.fit(values, dataset.ratings.rating[events])

    def predict(self, dataset: Dataset, events: NDArray[np.int64]) -> NDArray[np.float32]:
        """Predicted ratings (1-10) of event rows, shape (len(events),)."""
        return on_scale(self.model.predict(paper_features(dataset).values[events]))

    def predict_queries(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """Not possible, see above."""
        del dataset, queries
        raise _no_queries()
