"""Boosted trees on the published features, for protocol `paper` only: what the leak alone is worth."""

from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.data.splits import Split
from kgrec_gds.errors import ModelRunError
from kgrec_gds.models.base import Callback, RatingModel
from kgrec_gds.models.baselines.array_baseline import fitted_events
from kgrec_gds.models.baselines.published_inputs import published_values

_FILE_NAME = "paper_trees.skops"
_TREES = 300


class PaperTrees(RatingModel):
    """scikit-learn's gradient boosting with its own settings, 300 trees."""

    regressor: Any

    def fit(
        self,
        dataset: Dataset,
        split: Split,
        seed: int,
        *,
        callback: Callback | None = None,
        checkpoints: Path | None = None,
    ) -> Self:
        """Fit on train and validation."""
        from sklearn.ensemble import HistGradientBoostingRegressor

        events = dataset.ratings.take(fitted_events(split))
        self.regressor = HistGradientBoostingRegressor(
            max_iter=_TREES, early_stopping=False, random_state=seed
        )
        self.regressor.fit(published_values(dataset, Queries.of(events)), events.rating)
        return self

    def baseline(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """Zeros: the trees predict the whole rating."""
        return np.zeros(len(queries), np.float32)

    def predict_residual(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """The predicted rating."""
        return self.regressor.predict(published_values(dataset, queries)).astype(np.float32)

    def save(self, folder: Path) -> None:
        """Write the trees with skops, which executes no code when it reads them."""
        import skops.io

        folder.mkdir(parents=True, exist_ok=True)
        skops.io.dump(self.regressor, folder / _FILE_NAME)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote.

        Raises:
            ModelRunError: the folder holds no such trees, or types of another library.
        """
        import skops.io

        path, model = folder / _FILE_NAME, cls()
        if not path.exists():
            raise ModelRunError(
                f"No fitted trees in {folder}: {_FILE_NAME} is missing. Train the model again."
            )
        types = skops.io.get_untrusted_types(file=path)
        if foreign := [name for name in types if not name.startswith(("sklearn.", "numpy."))]:
            raise ModelRunError(f"{path} holds types of another library: {foreign}. Train the model again.")
        model.regressor = skops.io.load(path, trusted=types)
        return model
