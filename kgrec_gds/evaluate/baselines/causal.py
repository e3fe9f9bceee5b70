"""Causal biases: mu_t + b_u + b_i, updated after every rating. What an online service without a model would show."""

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.evaluate.baselines.base import Baseline, on_scale
from kgrec_gds.windows.biases import Queries, causal_biases
from kgrec_gds.windows.dataset import Dataset
from kgrec_gds.windows.splits import Split


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
