"""The feed-forward network on the published features, for protocol `paper` only: it leaks."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.models.baselines.array_baseline import Arrays
from kgrec_gds.models.baselines.feed_forward import Scaling, feature_network
from kgrec_gds.models.baselines.keras_baseline import Inputs, KerasBaseline
from kgrec_gds.models.baselines.published_inputs import published_values


class PaperFeedForward(KerasBaseline):
    """Dense layers on the published features."""

    scaling: Scaling

    def prepare(self, dataset: Dataset, events: NDArray[np.int64]) -> None:
        """Take means and standard deviations of the published features."""
        self.scaling = Scaling.of(published_values(dataset, Queries.of(dataset.ratings.take(events))))

    def arrays(self) -> Arrays:
        """The scaling."""
        return super().arrays() | vars(self.scaling)

    def restore(self, arrays: Arrays) -> None:
        """Take the scaling."""
        super().restore(arrays)
        self.scaling = Scaling(arrays["mean_of_column"], arrays["deviation"])

    def build(self) -> Any:
        """Dense layers over the features."""
        return feature_network(len(self.scaling.deviation))

    def inputs(self, dataset: Dataset, queries: Queries) -> Inputs:
        """Standardised published features."""
        return {"features": self.scaling(published_values(dataset, queries))}

    def baseline(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """The mean training rating, as published without baseline estimates."""
        return self.training_mean(queries)
