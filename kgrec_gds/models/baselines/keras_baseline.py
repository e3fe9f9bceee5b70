"""What the Keras baselines share: epochs chosen on validation, a final fit on both parts, prediction in blocks."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.history_lengths import validation_weights
from kgrec_gds.data.query import Queries
from kgrec_gds.data.splits import Split
from kgrec_gds.keras_backend import keras
from kgrec_gds.models.base import Callback
from kgrec_gds.models.baselines.array_baseline import ArrayBaseline, fitted_events
from kgrec_gds.models.delays import with_random_delays

Inputs = dict[str, NDArray[Any]]
#: Queries whose inputs are made at once, to bound memory.
_QUERIES_AT_ONCE = 200_000
#: Training steps between two returns to Python, which cost small networks a fifth of their time.
_STEPS_PER_EXECUTION = 16
_WEIGHTS = "network.weights.h5"


@dataclass(frozen=True)
class FitSettings:
    """How a Keras baseline is fitted: Adam on the squared error."""

    epochs: int = 20
    """Most epochs."""
    patience: int = 2
    """Epochs without a lower validation error before training stops."""
    batch: int = 512
    """Events a step."""
    learning_rate: float = 1e-3
    """Of Adam."""


class KerasBaseline(ArrayBaseline):
    """A Keras network of the residual; a subclass defines what it reads and how the network is built.

    Args:
        settings: those that differ from the defaults of `FitSettings`.
    """

    reads_history: ClassVar[bool] = False
    """Whether to train with histories that end at random delays before the rating."""
    adds_to_estimate: ClassVar[bool] = False
    """Whether the residual is added to the baseline estimate, or to the mean training rating."""
    mean: float
    """Mean rating of the events that the network is fitted on."""
    _network: Any

    def __init__(self, **settings: Any) -> None:
        self.settings = FitSettings(**settings)
        self.history: list[dict[str, float]] = []
        """By epoch of the run that chose: `epoch`, `train_mse` and `validation_mse`."""
        self.best_epoch = self.settings.epochs

    @abstractmethod
    def prepare(self, dataset: Dataset, events: NDArray[np.int64]) -> None:
        """Learn from event rows what the inputs need: known ids, means and scales."""

    @abstractmethod
    def build(self) -> Any:
        """An untrained Keras model from the inputs to one number."""

    @abstractmethod
    def inputs(self, dataset: Dataset, queries: Queries) -> Inputs:
        """The network's inputs by name, each of shape (queries, ...)."""

    def learn(self, dataset: Dataset, split: Split, seed: int, callback: Callback | None) -> None:
        """Choose the number of epochs by early stopping on validation, then fit on train and validation."""
        rng = np.random.default_rng(seed)
        keras.utils.set_random_seed(seed)
        self._start(dataset, split.train)
        weight = validation_weights(dataset.ratings, split)
        train = self._examples(dataset, split.train, rng)
        held = (*self._examples(dataset, split.validation, rng), weight)
        stop = keras.callbacks.EarlyStopping("val_loss", patience=self.settings.patience)
        progress = _progress("Choosing epochs", self.settings.epochs, callback)
        history = self._run(train, self.settings.epochs, [stop, *progress], validation_data=held)
        losses = zip(history["loss"], history["val_loss"], strict=True)
        self.history = [
            {"epoch": epoch, "train_mse": loss, "validation_mse": other}
            for epoch, (loss, other) in enumerate(losses, start=1)
        ]
        self.best_epoch, fitted = int(np.argmin(history["val_loss"])) + 1, fitted_events(split)
        keras.utils.set_random_seed(seed)
        self._start(dataset, fitted)
        progress = _progress("Training on train and validation", self.best_epoch, callback)
        self._run(self._examples(dataset, fitted, rng), self.best_epoch, progress)

    def baseline(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """The baseline estimate or the mean training rating of each query."""
        if self.adds_to_estimate:
            return super().baseline(dataset, queries)
        return np.full(len(queries), self.mean, np.float32)

    def predict_residual(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """The network's answer, in blocks of queries."""
        blocks = (
            queries.take(slice(start, start + _QUERIES_AT_ONCE))
            for start in range(0, len(queries), _QUERIES_AT_ONCE)
        )
        return np.concatenate([self.answer(dataset, block) for block in blocks])

    def answer(self, dataset: Dataset, queries: Queries) -> NDArray[np.float32]:
        """The network's answer to one block, shape (queries,)."""
        return run(self._network, self.inputs(dataset, queries))[:, 0]

    def save(self, folder: Path) -> None:
        """Write what the inputs need and the network's weights."""
        super().save(folder)
        self._network.save_weights(folder / _WEIGHTS)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        model = super().load(folder)
        model._network = model.build()
        model._network.compile(jit_compile=False)
        model._network.load_weights(folder / _WEIGHTS)
        return model

    def _start(self, dataset: Dataset, events: NDArray[np.int64]) -> None:
        self.mean = float(dataset.ratings.rating[events].mean())
        self.prepare(dataset, events)
        self._network = self.build()
        self._network.compile(
            keras.optimizers.Adam(self.settings.learning_rate),
            loss="mse",
            steps_per_execution=_STEPS_PER_EXECUTION,
            jit_compile=False,  # where Keras finds a GPU, "auto" would have XLA compile every shape again
        )

    def _run(
        self, examples: Sequence[Any], epochs: int, callbacks: list[Any], **validation: Any
    ) -> dict[str, list[float]]:
        fitted = self._network.fit(
            *examples,
            epochs=epochs,
            batch_size=self.settings.batch,
            callbacks=callbacks,
            verbose=0,
            **validation,
        )
        return fitted.history

    def _examples(
        self, dataset: Dataset, events: NDArray[np.int64], rng: np.random.Generator
    ) -> tuple[Inputs, NDArray[np.float32]]:
        chosen = dataset.ratings.take(events)
        queries = with_random_delays(Queries.of(chosen), rng) if self.reads_history else Queries.of(chosen)
        return self.inputs(dataset, queries), chosen.rating - self.baseline(dataset, queries)


def run(network: Any, inputs: Inputs | list[NDArray[Any]]) -> NDArray[np.float32]:
    """The outputs of a Keras model, shape (rows, outputs)."""
    return network.predict(inputs, batch_size=8192, verbose=0)


def dense_layers(x: Any, units: tuple[int, ...], dropout: float = 0.0) -> Any:
    """ReLU layers, each followed by dropout where there is any, and one number at the end."""
    for size in units:
        x = keras.layers.Dense(size, activation="relu")(x)
        if dropout:
            x = keras.layers.Dropout(dropout)(x)
    return keras.layers.Dense(1)(x)


def _progress(stage: str, epochs: int, callback: Callback | None) -> list[Any]:
    # Training that stops early is complete, too: its bar ends at the total.
    if callback is None:
        return []
    return [
        keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, _logs: callback(stage, epoch + 1, epochs),
            on_train_end=lambda _logs: callback(stage, epochs, epochs),
        )
    ]
