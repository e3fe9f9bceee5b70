"""The mean of all training ratings, which any model must beat."""

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.data.splits import Split
from kgrec_gds.models.base import Callback
from kgrec_gds.models.baselines.array_baseline import ArrayBaseline, Arrays, fitted_events


class GlobalMean(ArrayBaseline):
    """Predict the mean rating of train and validation for every query."""

    mean: float

    def learn(self, dataset: Dataset, split: Split, seed: int, callback: Callback | None) -> None:
        """Take the mean; the seed plays no part."""
        self.mean = float(dataset.ratings.rating[fitted_events(split)].mean())

    def baseline(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """The mean, in place of the baseline estimate."""
        return np.full(len(queries), self.mean, np.float32)

    def arrays(self) -> Arrays:
        """The mean."""
        return {"mean": np.array(self.mean)}

    def restore(self, arrays: Arrays) -> None:
        """Take the mean."""
        self.mean = float(arrays["mean"])
