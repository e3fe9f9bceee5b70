"""What any model must beat: the mean of all training ratings, and the baseline estimate."""

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.data.splits import Split
from kgrec_gds.models.base import Callback
from kgrec_gds.models.baselines.array_baseline import ArrayBaseline, fitted_events


class GlobalMean(ArrayBaseline):
    """Predict the mean rating of train and validation for every query."""

    mean: float

    def learn(self, dataset: Dataset, split: Split, seed: int, callback: Callback | None) -> None:
        """Take the mean; the seed plays no part."""
        self.mean = float(dataset.ratings.rating[fitted_events(split)].mean())

    def baseline(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """The mean, in place of the baseline estimate."""
        return np.full(len(queries), self.mean, np.float32)


class BaselineCausal(ArrayBaseline):
    """mu + b_u + b_i as of each query, with a residual of 0: what a service without a model would predict."""

    def learn(self, dataset: Dataset, split: Split, seed: int, callback: Callback | None) -> None:
        """Do nothing: the estimate comes from the history of each query."""
