"""The feed-forward network on the published features, for protocol `paper` only: it leaks."""

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.features.paper_features import paper_features
from kgrec_gds.models.baselines.feed_forward import FeedForward
from kgrec_gds.models.baselines.published_inputs import published_values


class PaperFeedForward(FeedForward):
    """Dense layers on the published features, added to the mean training rating."""

    reads_history, adds_to_estimate = False, False

    def choose(self, dataset: Dataset) -> tuple[str, ...]:
        """Names of the published features."""
        return dataset.derive(paper_features).names

    def values(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """The published features of each given rating."""
        return published_values(dataset, queries)
