"""SVD with tuned settings, the number of epochs chosen on validation."""

from dataclasses import replace
from typing import Any

import numpy as np

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.history_lengths import validation_weights
from kgrec_gds.data.query import Queries
from kgrec_gds.data.splits import Split
from kgrec_gds.models.base import Callback, on_scale
from kgrec_gds.models.baselines.array_baseline import fitted_events
from kgrec_gds.models.baselines.surprise_factors import Factors
from kgrec_gds.models.baselines.svd import Svd, SvdSettings, fit_svd

#: Chosen on the validation parts of both development sets, see docs/evaluation.md.
TUNED = {"n_factors": 50, "lr_all": 0.005, "reg_all": 0.15}
#: Numbers of epochs among which validation chooses.
EPOCHS = (10, 20, 40, 80)


class SvdTuned(Svd):
    """SVD with 50 factors and a stronger penalty, frozen after the fit."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**(TUNED | settings))

    def learn(self, dataset: Dataset, split: Split, seed: int, callback: Callback | None) -> None:
        """Choose the number of epochs on validation, then fit on train and validation."""
        settings, _ = self.choose_epochs(dataset, split, seed, callback)
        self.factors = fit_svd(dataset, fitted_events(split), settings, seed)

    def choose_epochs(
        self, dataset: Dataset, split: Split, seed: int, callback: Callback | None
    ) -> tuple[SvdSettings, Factors]:
        """The settings with the lowest weighted validation error, and the factors that they gave on train."""
        validation = dataset.ratings.take(split.validation)
        queries, weight = Queries.of(validation), validation_weights(dataset.ratings, split)
        found: list[tuple[float, SvdSettings, Factors]] = []
        for number, epochs in enumerate(EPOCHS, start=1):
            settings = replace(self.settings, n_epochs=epochs)
            factors = fit_svd(dataset, split.train, settings, seed)
            predicted = on_scale(factors.biases(dataset, queries) + factors.products(dataset, queries))
            error = np.average((predicted - validation.rating) ** 2, weights=weight)
            found.append((float(error), settings, factors))
            if callback:
                callback("Choosing epochs", number, len(EPOCHS))
        _, settings, factors = min(found, key=lambda candidate: candidate[0])
        return settings, factors
