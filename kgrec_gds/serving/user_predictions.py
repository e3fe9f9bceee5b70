"""What `predict` makes for a block of users: predictions of their test ratings, and recommendations."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.collector import rare_collections
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.data.splits import split
from kgrec_gds.models.run_folder import RunFolder
from kgrec_gds.models.training import RunSettings
from kgrec_gds.ranking.top_lists import ListOptions
from kgrec_gds.serving.loaded_model import LoadedModel
from kgrec_gds.serving.predictions import Predictions, predict_queries
from kgrec_gds.serving.recommender import RecommendOptions, recommend_users


@dataclass(frozen=True)
class UserPredictor:
    """Predicts for blocks of users, each a range of ascending user indices of `users`."""

    loaded: LoadedModel
    tested: Queries
    """The test ratings, ordered by user."""
    chosen: NDArray[np.int32]
    """Users to recommend to, ascending."""
    k: int
    """Recommendations a user."""

    @property
    def users(self) -> NDArray[np.int32]:
        """All users with predictions."""
        return np.union1d(self.tested.user_index, self.chosen).astype(np.int32)

    def of_tests(self, block: NDArray[np.int32]) -> Predictions:
        """Predictions of the test ratings of some users."""
        rows = np.arange(*np.searchsorted(self.tested.user_index, [block[0], block[-1] + 1]))
        return predict_queries(self.loaded.model, self.loaded.dataset, self.tested.take(rows))

    @rare_collections()
    def recommended(self, block: NDArray[np.int32]) -> Predictions:
        """Recommendations to those of some users that are chosen."""
        chosen = np.intersect1d(block, self.chosen).astype(np.int32)
        return recommend_users(self.loaded, chosen, RecommendOptions(ListOptions(k=self.k)))


def tested_queries(dataset: Dataset, run: RunFolder) -> Queries:
    """The test ratings of a run, ordered by user."""
    events = unfitted_events(dataset, run)
    events = events[np.argsort(dataset.ratings.user_index[events], kind="stable")]
    return Queries.of(dataset.ratings).take(events)


def unfitted_events(dataset: Dataset, run: RunFolder) -> NDArray[np.int64]:
    """Rows of the test ratings; ratings added since the training are among them if they are newer."""
    ratings, settings, metrics = dataset.ratings, RunSettings.read(run), run.read("metrics")
    if (cutoff := metrics["cutoffs"].get("test")) is not None:
        return np.flatnonzero(ratings.rated_at >= cutoff)
    if settings.protocol == "per-user":
        fitted_until = metrics["fitted_until"]
        until = np.array([fitted_until.get(user, -1) for user in dataset.user_ids], np.int64)
        return np.flatnonzero(ratings.rated_at > until[ratings.user_index])
    return split(ratings, settings.protocol, settings.seed).test
