"""Causal biases: mu_t + b_u + b_i, updated after every rating. What an online service without a model would show."""

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.baseline_estimates import Queries, causal_biases
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.splits import Split
from kgrec_gds.models.baselines.base import Baseline, on_scale


class CausalBiases(Baseline):
    """Nothing is learned beforehand: every query is answered from the ratings strictly before it."""

    name = "biases_causal"
    online_history = True

    def fit(self, dataset: Dataset, split: Split, seed: int) -> None:
        """Nothing to fit."""

    def predict_queries(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """Mean and biases as known before each query."""
        sizes = (len(dataset.user_ids), len(dataset.movies))
        return on_scale(causal_biases(dataset.ratings, sizes, queries).total)
