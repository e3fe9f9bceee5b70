"""Gradient-boosted trees on the feature table: what a practitioner would use first."""

import json
import os
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.history_lengths import validation_weights
from kgrec_gds.data.query import Queries
from kgrec_gds.data.splits import Split
from kgrec_gds.errors import ModelRunError
from kgrec_gds.features.table import Features
from kgrec_gds.models import saved_boosting
from kgrec_gds.models.base import Callback, RatingModel, final_stage
from kgrec_gds.models.delays import with_random_delays
from kgrec_gds.models.user_samples import sample_of_users
from kgrec_gds.threads import one_openmp_thread

#: Rows below which one thread predicts faster than several, which meet after every tree.
_MANY_ROWS = 10_000
_BOOSTING = "trees.skops"


@dataclass(frozen=True)
class TreeSettings:
    """Settings of the boosting, chosen on validation."""

    learning_rate: float = 0.04
    """Factor of each tree's contribution."""
    most_trees: int = 600
    """Validation chooses how many of them."""
    patience: int = 30
    """Trees without a lower validation error before boosting stops."""
    leaves: int = 16
    """Most leaves of a tree."""
    least_in_leaf: int = 60
    """Fewest queries in a leaf."""
    l2: float = 20.0
    """L2 regularization of the leaf values."""
    feature_share: float = 0.3
    """Share of the features that a split chooses from."""
    most_ratings: int = 1_000_000
    """Most ratings to fit on; of more, those of users drawn at random."""


class Trees(RatingModel):
    """Histogram gradient boosting of the residual.

    Args:
        graph: read the feature columns that need the knowledge graph.
        online_only: read only the columns that the attention-LSTM reads, to compare with it.
        settings: those that differ from the defaults of `TreeSettings`.
    """

    keeps_choice = True

    def __init__(self, *, graph: bool = False, online_only: bool = False, **settings: Any) -> None:
        self.graph, self.online_only = graph, online_only
        self.settings = TreeSettings(**settings)
        self.columns: tuple[str, ...] = ()
        self.trees = 0
        """Number of trees, which validation chose."""
        self._model: HistGradientBoostingRegressor | None = None

    def fit(
        self,
        dataset: Dataset,
        split: Split,
        seed: int,
        *,
        callback: Callback | None = None,
        checkpoints: Path | None = None,
    ) -> Self:
        """Choose the number of trees on validation, then fit as many on train and validation."""
        del checkpoints  # a fit takes seconds
        report = callback or (lambda *_: None)
        stages = ("Computing features", "Choosing trees", final_stage(split))
        report(stages[0], 0, 1)
        features = dataset.derive(Features)
        self.columns = features.select(
            graph=self.graph, vectors=self.graph and dataset.vectors is not None, online_only=self.online_only
        )
        rng, both = np.random.default_rng(seed), np.union1d(split.train, split.validation)
        both = both[sample_of_users(dataset.ratings.user_index[both], self.settings.most_ratings, rng)]
        queries = with_random_delays(Queries.of(dataset.ratings.take(both)), rng)
        values = self._values(dataset, queries)
        target = dataset.ratings.rating[both] - self.baseline(dataset, queries)
        report(stages[0], 1, 1)
        self.trees = self.trees or self.settings.most_trees // 3
        if len(split.validation) and len(split.train):
            report(stages[1], 0, 1)
            train = np.flatnonzero(np.isin(both, split.train))
            _, held, in_validation = np.intersect1d(both, split.validation, return_indices=True)
            first = self._regressor(seed, self.settings.most_trees, stop=True)
            with _threads():
                first.fit(
                    values[train],
                    target[train],
                    X_val=values[held],
                    y_val=target[held],
                    sample_weight_val=validation_weights(dataset.ratings, split)[in_validation],
                )
            self.trees = int(np.argmax(first.validation_score_)) or 1
            report(stages[1], 1, 1)
        report(stages[2], 0, 1)
        with _threads():
            self._model = self._regressor(seed, self.trees, stop=False).fit(values, target)
        report(stages[2], 1, 1)
        return self

    def predict_residual(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """Predicted rating minus baseline estimate, shape (queries,)."""
        if self._model is None:
            raise ModelRunError("The trees are not fitted; call fit or load first.")
        values = self._values(dataset, queries)
        with one_openmp_thread() if len(values) < _MANY_ROWS else nullcontext():
            predicted: NDArray[np.float32] = self._model.predict(values).astype(np.float32)
        return predicted

    def _values(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        # Trees are discontinuous: unrounded, the last bit of a sum could take a query to the other side of a split.
        return np.round(dataset.derive(Features).table(queries, self.columns).values, 4)

    def save(self, folder: Path) -> None:
        """Write the trees; loading them runs no code of the run folder."""
        if self._model is None:
            raise ModelRunError("The trees are not fitted; call fit or load first.")
        saved_boosting.save(self._model, folder / _BOOSTING)
        described = {
            "graph": self.graph,
            "online_only": self.online_only,
            "settings": asdict(self.settings),
            "columns": list(self.columns),
            "trees": self.trees,
        }
        (folder / "trees.json").write_text(json.dumps(described), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote.

        Raises:
            ModelRunError: the folder holds no trees, or a file that holds anything else than a boosting.
        """
        try:
            described = json.loads((folder / "trees.json").read_text("utf-8"))
            loaded = saved_boosting.load(folder / _BOOSTING)
        except (OSError, ValueError) as error:
            raise ModelRunError(
                f"Cannot read the trees in {folder}: {error}. Train again with kgrec-gds train."
            ) from error
        model = cls(graph=described["graph"], online_only=described["online_only"], **described["settings"])
        model.columns, model.trees = tuple(described["columns"]), described["trees"]
        model._model = loaded
        return model

    def _regressor(self, seed: int, trees: int, *, stop: bool) -> HistGradientBoostingRegressor:
        settings = self.settings
        return HistGradientBoostingRegressor(
            learning_rate=settings.learning_rate,
            max_iter=trees,
            max_leaf_nodes=settings.leaves,
            min_samples_leaf=settings.least_in_leaf,
            l2_regularization=settings.l2,
            max_features=settings.feature_share,
            early_stopping=stop,
            n_iter_no_change=settings.patience,
            tol=0.0,
            scoring="neg_mean_squared_error",
            random_state=seed,
        )


def _threads() -> AbstractContextManager[Any]:
    """One thread where the machine is busier than it has processors; the trees are the same either way.

    Boosting meets at a barrier for every node and waits there for a thread that got no turn: many times slower.
    """
    busy = os.getloadavg()[0] > (os.cpu_count() or 1) if hasattr(os, "getloadavg") else False
    return one_openmp_thread() if busy else nullcontext()
