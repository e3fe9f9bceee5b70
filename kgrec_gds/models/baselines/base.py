"""What the baselines share: events as queries, predictions kept on the scale."""

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.baseline_estimates import Queries
from kgrec_gds.data.dataset import Dataset, Ratings
from kgrec_gds.data.splits import Split


class Baseline(ABC):
    """A predictor that answers queries; its events are queries too."""

    name: str
    online_history: bool

    @abstractmethod
    def fit(self, dataset: Dataset, split: Split, seed: int) -> None:
        """Choose on validation, then fit on train and validation."""

    @abstractmethod
    def predict_queries(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """Predicted ratings (1-10), shape (queries,); only ratings strictly before `at` are used."""

    def predict(self, dataset: Dataset, events: NDArray[np.int64]) -> NDArray[np.float32]:
        """Predicted ratings (1-10) of event rows, shape (len(events),)."""
        return self.predict_queries(dataset, as_queries(dataset.ratings, events))


def as_queries(ratings: Ratings, events: NDArray[np.int64], *, earlier: int = 0) -> Queries:
    """Event rows as queries, asked `earlier` seconds before the rating was given."""
    chosen = ratings.take(events)
    return Queries(chosen.user_index, chosen.movie_index, chosen.rated_at - earlier)


def fitted_events(split: Split) -> NDArray[np.int64]:
    """Event rows of the final fit: train and validation, in time order."""
    return np.sort(np.concatenate([split.train, split.validation]))


def on_scale(predicted: NDArray[np.floating]) -> NDArray[np.float32]:
    """Clip to the scale of ratings, 1-10."""
    return np.clip(predicted, 1, 10).astype(np.float32)
