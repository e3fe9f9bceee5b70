"""The plain LSTM with the published features, for protocol `paper` only: it leaks."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.query import Queries
from kgrec_gds.models.baselines.array_baseline import Arrays
from kgrec_gds.models.baselines.feed_forward import Scaling
from kgrec_gds.models.baselines.keras_baseline import Inputs, KerasBaseline
from kgrec_gds.models.baselines.lstm import Lstm
from kgrec_gds.models.baselines.published_inputs import published_values


class PaperPlainLstm(Lstm):
    """The plain LSTM whose last layers also read the published features."""

    reads_history = False
    scaling: Scaling

    def prepare(self, dataset: Dataset, events: NDArray[np.int64]) -> None:
        """Collect the known movies, and standardise the published features."""
        super().prepare(dataset, events)
        self.scaling = Scaling.of(published_values(dataset, Queries.of(dataset.ratings.take(events))))

    def arrays(self) -> Arrays:
        """The known movies and the scaling."""
        return super().arrays() | vars(self.scaling)

    def restore(self, arrays: Arrays) -> None:
        """Take the known movies and the scaling."""
        super().restore(arrays)
        self.scaling = Scaling(arrays["mean_of_column"], arrays["deviation"])

    def build(self) -> Any:
        """The plain LSTM with one more input."""
        from kgrec_gds.keras_backend import keras

        return self.assemble(keras.Input((len(self.scaling.deviation),), name="features"))

    def inputs(self, dataset: Dataset, queries: Queries) -> Inputs:
        """Windows and the published features."""
        return super().inputs(dataset, queries) | {
            "features": self.scaling(published_values(dataset, queries))
        }

    def answer(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """Every event has a history of its own."""
        return KerasBaseline.answer(self, dataset, queries)
