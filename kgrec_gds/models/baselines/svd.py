"""Matrix factorisation by scikit-surprise: mu + b_u + b_i + p_u . q_i, by stochastic gradient descent."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.data.splits import Split
from kgrec_gds.models.base import Callback
from kgrec_gds.models.baselines.array_baseline import ArrayBaseline, Arrays, fitted_events
from kgrec_gds.models.baselines.surprise_factors import Factors, fit_factors


@dataclass(frozen=True)
class SvdSettings:
    """Arguments of `surprise.SVD`, by its names; these are its defaults."""

    n_factors: int = 100
    """Length of p_u and q_i."""
    n_epochs: int = 20
    """Passes over the ratings."""
    lr_all: float = 0.005
    """Learning rate of all parameters."""
    reg_all: float = 0.02
    """L2 penalty of all parameters."""


class Svd(ArrayBaseline):
    """SVD with fixed settings, frozen after the fit.

    Args:
        settings: those that differ from the defaults of `SvdSettings`.
    """

    factors: Factors

    def __init__(self, **settings: Any) -> None:
        self.settings = SvdSettings(**settings)

    def learn(self, dataset: Dataset, split: Split, seed: int, callback: Callback | None) -> None:
        """Fit on train and validation."""
        self.factors = fit_svd(dataset, fitted_events(split), self.settings, seed)

    def baseline(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """The frozen mu + b_u + b_i, in place of the causal estimate."""
        return self.factors.biases(dataset, queries)

    def predict_residual(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """p_u . q_i, 0 for a user or movie without training ratings."""
        return self.factors.products(dataset, queries)

    def arrays(self) -> Arrays:
        """The fitted parameters."""
        return self.factors.arrays()

    def restore(self, arrays: Arrays) -> None:
        """Take the fitted parameters."""
        self.factors = Factors.of(arrays)


def fit_svd(dataset: Dataset, events: NDArray[np.int64], settings: SvdSettings, seed: int) -> Factors:
    """Fit `surprise.SVD` on event rows."""
    from surprise import SVD

    return fit_factors(SVD(**asdict(settings), random_state=seed), dataset, events)
