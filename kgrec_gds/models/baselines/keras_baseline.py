"""What the three neural baselines share: epochs chosen on validation, a final fit on both parts, batches."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.baseline_estimates import Queries
from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.history_lengths import validation_weights
from kgrec_gds.data.splits import Split
from kgrec_gds.models.baselines.base import Baseline, as_queries, fitted_events, on_scale

Inputs = dict[str, NDArray[Any]]
#: Queries whose inputs are made at once, to bound memory.
_BLOCK = 200_000
#: Steps of a fit between two returns to Python, which cost small networks a fifth of their time.
_STEPS_AT_ONCE = 16


@dataclass(frozen=True)
class FitSettings:
    """How a neural baseline is fitted: Adam on the squared error."""

    epochs: int = 20
    """The most epochs."""
    patience: int = 2
    """Epochs without a better validation error before the choice of epochs ends."""
    batch: int = 512
    """Events a step."""
    learning_rate: float = 1e-3
    """Of Adam."""


class NetworkBaseline(Baseline):
    """A Keras model of the rating less what is known without it."""

    settings = FitSettings()

    def __init__(self) -> None:
        self.curves: list[dict[str, float]] = []
        """By epoch of the run that chose: `epoch`, `train` and `validation` mean squared error."""

    @abstractmethod
    def prepare(self, dataset: Dataset, events: NDArray[np.int64]) -> None:
        """Learn from these event rows what the inputs need: known ids, scales."""

    @abstractmethod
    def build(self, dataset: Dataset) -> Any:
        """An untrained Keras model from the inputs to one number."""

    @abstractmethod
    def inputs(self, dataset: Dataset, queries: Queries) -> Inputs:
        """The model's inputs by name, each (queries, ...)."""

    def event_inputs(self, dataset: Dataset, events: NDArray[np.int64]) -> Inputs:
        """The model's inputs of event rows."""
        return self.inputs(dataset, as_queries(dataset.ratings, events))

    def known_part(self, dataset: Dataset, queries: Queries) -> NDArray[np.floating]:
        """What the network is added to, shape (queries,): the mean rating of training."""
        del dataset
        return np.full(len(queries), self.mean, np.float32)

    def known_of_events(self, dataset: Dataset, events: NDArray[np.int64]) -> NDArray[np.floating]:
        """The same of event rows."""
        return self.known_part(dataset, as_queries(dataset.ratings, events))

    def fit(self, dataset: Dataset, split: Split, seed: int) -> None:
        """Choose the epochs with early stopping on validation, then fit on train and validation."""
        from kgrec_gds.models.keras_backend import keras

        keras.utils.set_random_seed(seed)
        model = self._start(dataset, split.train)
        weight = validation_weights(dataset.ratings, split)
        history = model.fit(
            *self._examples(dataset, split.train),
            validation_data=(*self._examples(dataset, split.validation), weight),
            epochs=self.settings.epochs,
            batch_size=self.settings.batch,
            callbacks=[keras.callbacks.EarlyStopping("val_loss", patience=self.settings.patience)],
            verbose=0,
        ).history
        self.curves = [
            {"epoch": epoch, "train": train, "validation": validation}
            for epoch, (train, validation) in enumerate(
                zip(history["loss"], history["val_loss"], strict=True), start=1
            )
        ]
        epochs = int(np.argmin(history["val_loss"])) + 1
        keras.utils.set_random_seed(seed)
        fitted = fitted_events(split)
        self.model = self._start(dataset, fitted)
        self.model.fit(
            *self._examples(dataset, fitted), epochs=epochs, batch_size=self.settings.batch, verbose=0
        )

    def predict(self, dataset: Dataset, events: NDArray[np.int64]) -> NDArray[np.float32]:
        """Predicted ratings (1-10) of event rows, shape (len(events),)."""
        learned = said(self.model, self.event_inputs(dataset, events))
        return on_scale(self.known_of_events(dataset, events) + learned)

    def predict_queries(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """Predictions in blocks, shape (queries,)."""
        parts = []
        for start in range(0, len(queries), _BLOCK):
            block = queries.take(slice(start, start + _BLOCK))
            parts.append(on_scale(self.known_part(dataset, block) + self.learned(dataset, block)))
        return np.concatenate([*parts, np.zeros(0, np.float32)])

    def learned(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """What the network adds to the known part, shape (queries,)."""
        return said(self.model, self.inputs(dataset, queries))

    def _start(self, dataset: Dataset, events: NDArray[np.int64]) -> Any:
        from kgrec_gds.models.keras_backend import keras

        self.mean = float(dataset.ratings.rating[events].mean())
        self.prepare(dataset, events)
        model = self.build(dataset)
        optimizer = keras.optimizers.Adam(self.settings.learning_rate)
        # Where Keras sees a GPU, "auto" would have XLA compile every shape anew.
        model.compile(optimizer, loss="mse", steps_per_execution=_STEPS_AT_ONCE, jit_compile=False)
        return model

    def _examples(self, dataset: Dataset, events: NDArray[np.int64]) -> tuple[Inputs, NDArray[np.float32]]:
        target = dataset.ratings.rating[events] - self.known_of_events(dataset, events)
        return self.event_inputs(dataset, events), target.astype(np.float32)


def said(model: Any, inputs: Inputs | list[NDArray[Any]]) -> NDArray[np.float32]:
    """What a model says of each row of its inputs: (rows,), or (rows, size) where it says several numbers."""
    answer = model.predict(inputs, batch_size=8192, verbose=0)
    return answer[:, 0] if answer.shape[1] == 1 else answer


def known(index: NDArray[np.integer], size: int) -> NDArray[np.int32]:
    """Table of shape (size,): a row that occurs in `index` maps to itself, any other to 0, the unknown."""
    table = np.zeros(size, np.int32)
    table[index] = index
    return table
