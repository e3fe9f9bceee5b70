"""Boosted trees on the published features, for protocol `paper` only: what the leak alone is worth."""

from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.data.splits import Split
from kgrec_gds.errors import ModelRunError
from kgrec_gds.models.base import Callback
from kgrec_gds.models.baselines.array_baseline import fitted_events
from kgrec_gds.models.baselines.published_inputs import published_values
from kgrec_gds.models.trees import Trees

_TREES = 300


class PaperTrees(Trees):
    """The boosting of `trees` with 300 trees, of the whole rating."""

    def fit(
        self,
        dataset: Dataset,
        split: Split,
        seed: int,
        *,
        callback: Callback | None = None,
        checkpoints: Path | None = None,
    ) -> Self:
        """Fit on train and validation."""
        events = dataset.ratings.take(fitted_events(split))
        self.trees, values = _TREES, published_values(dataset, Queries.of(events))
        self._model = self._regressor(seed, _TREES, stop=False).fit(values, events.rating)
        return self

    def baseline(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """Zeros, in place of the baseline estimate."""
        return np.zeros(len(queries), np.float32)

    def predict_residual(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """The predicted rating."""
        if self._model is None:
            raise ModelRunError("The trees are not fitted; call fit or load first.")
        predicted: NDArray[np.float32] = self._model.predict(published_values(dataset, queries))
        return predicted.astype(np.float32)
