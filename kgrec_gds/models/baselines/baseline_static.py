"""Static baseline estimates: mu + b_u + b_i by Surprise's alternating least squares, frozen after the fit."""

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.data.splits import Split
from kgrec_gds.models.base import Callback
from kgrec_gds.models.baselines.array_baseline import ArrayBaseline, Arrays, fitted_events
from kgrec_gds.models.baselines.surprise_factors import Factors, fit_factors


class BaselineStatic(ArrayBaseline):
    """Predict mu + b_u + b_i as fitted, with Surprise's own settings."""

    factors: Factors

    def learn(self, dataset: Dataset, split: Split, seed: int, callback: Callback | None) -> None:
        """Fit on train and validation; the seed plays no part."""
        from surprise import BaselineOnly

        self.factors = fit_factors(BaselineOnly(verbose=False), dataset, fitted_events(split))

    def baseline(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """The frozen estimate, in place of the causal one."""
        return self.factors.biases(dataset, queries)

    def arrays(self) -> Arrays:
        """The fitted parameters."""
        return self.factors.arrays()

    def restore(self, arrays: Arrays) -> None:
        """Take the fitted parameters."""
        self.factors = Factors.of(arrays)
