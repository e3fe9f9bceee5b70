"""Static baseline estimates: mu + b_u + b_i by Surprise's alternating least squares, frozen after the fit."""

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.splits import Split
from kgrec_gds.models.base import Callback
from kgrec_gds.models.baselines.array_baseline import fitted_events
from kgrec_gds.models.baselines.surprise_factors import fit_factors
from kgrec_gds.models.baselines.svd import Svd


class BaselineStatic(Svd):
    """SVD without factors, with Surprise's own settings of `BaselineOnly`."""

    def __init__(self) -> None:
        super().__init__(n_factors=0)

    def learn(self, dataset: Dataset, split: Split, seed: int, callback: Callback | None) -> None:
        """Fit on train and validation; the seed plays no part."""
        from surprise import BaselineOnly

        self.factors = fit_factors(BaselineOnly(verbose=False), dataset, fitted_events(split))
