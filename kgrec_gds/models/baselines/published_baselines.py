"""Baselines on the published features, for protocol `paper` only: they leak."""

from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries, event_rows
from kgrec_gds.data.splits import Split
from kgrec_gds.errors import ModelRunError
from kgrec_gds.features.paper_features import paper_features
from kgrec_gds.keras_backend import keras
from kgrec_gds.models.base import Callback
from kgrec_gds.models.baselines.array_baseline import fitted_events
from kgrec_gds.models.baselines.feed_forward import FeedForward, Scaling
from kgrec_gds.models.baselines.keras_baseline import Inputs, KerasBaseline
from kgrec_gds.models.baselines.lstm import Lstm
from kgrec_gds.models.trees import Trees

_TREES = 300


def published_values(dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
    """The published features of queries about given ratings, shape (queries, features).

    Raises:
        ModelRunError: a query about a movie that its user has not rated.
    """
    try:
        rows = event_rows(dataset.ratings, queries)
    except KeyError as error:
        raise ModelRunError(
            "Baselines of the protocol paper predict given ratings only: their features contain them. "
            "Train another model to recommend, such as attention_lstm."
        ) from error
    return dataset.derive(paper_features).values[rows]


class PaperFeedForward(FeedForward):
    """Dense layers on the published features, added to the mean training rating."""

    reads_history, adds_to_estimate = False, False

    def choose(self, dataset: Dataset) -> tuple[str, ...]:
        """Names of the published features."""
        return dataset.derive(paper_features).names

    def values(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """The published features of each given rating."""
        return published_values(dataset, queries)


class PaperPlainLstm(Lstm):
    """The plain LSTM whose last layers also read the published features."""

    reads_history = False
    scaling: Scaling

    def prepare(self, dataset: Dataset, events: NDArray[np.int64]) -> None:
        """Collect the known movies, and standardise the published features."""
        super().prepare(dataset, events)
        self.scaling = Scaling.of(published_values(dataset, Queries.of(dataset.ratings.take(events))))

    def build(self) -> Any:
        """The plain LSTM with one more input."""
        return self.assemble(keras.Input((len(self.scaling.deviation),), name="features"))

    def inputs(self, dataset: Dataset, queries: Queries) -> Inputs:
        """Windows and the published features."""
        features = self.scaling(published_values(dataset, queries))
        return super().inputs(dataset, queries) | {"features": features}

    def answer(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """Every event has a history of its own."""
        return KerasBaseline.answer(self, dataset, queries)


class PaperTrees(Trees):
    """The boosting of `trees` with 300 trees, of the whole rating: what the leak alone is worth."""

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
        events = dataset.ratings.take(fitted_events(split))
        self.trees, values = _TREES, published_values(dataset, Queries.of(events))
        self._model = self._regressor(seed, _TREES, stop=False).fit(values, events.rating)
        return self

    def baseline(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """Zeros, in place of the baseline estimate."""
        return np.zeros(len(queries), np.float32)

    def predict_residual(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """The predicted rating."""
        if self._model is None:
            raise ModelRunError("The trees are not fitted; call fit or load first.")
        predicted: NDArray[np.float32] = self._model.predict(published_values(dataset, queries))
        return predicted.astype(np.float32)
