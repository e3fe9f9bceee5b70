"""The mean of all training ratings: what a model must beat to have learned anything."""

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.baseline_estimates import Queries
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.splits import Split
from kgrec_gds.models.baselines.base import Baseline, fitted_events


class GlobalMean(Baseline):
    """Predicts the mean rating of train and validation for everything."""

    name = "global_mean"
    online_history = False

    def fit(self, dataset: Dataset, split: Split, seed: int) -> None:
        """Take the mean; the seed plays no part."""
        del seed
        self._mean = float(dataset.ratings.rating[fitted_events(split)].mean())

    def predict_queries(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """The mean, once a query."""
        del dataset
        return np.full(len(queries), self._mean, np.float32)
