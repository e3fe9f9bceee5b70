"""The training loop of the network: seeded, batched by length, resumable from its last epoch."""

from collections.abc import Iterator
from copy import copy
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.dataset import Dataset
from kgrec_gds.data.sequences import Arrays, batches, lay_out, row_arrays
from kgrec_gds.models.attention_lstm.committee import Committee
from kgrec_gds.models.attention_lstm.hyperparameters import Settings
from kgrec_gds.models.attention_lstm.network import Catalogue
from kgrec_gds.models.inputs import Inputs, MovieTable
from kgrec_gds.models.keras_backend import keras, tf
from kgrec_gds.models.training_progress import Progress, Watch

#: Variables that weight decay leaves alone: offsets and the attention's scalars.
_UNDECAYED = ("bias", "offset", "absent", "temperature", "decay", "threshold", "first_state", "edges")

#: Padded queries that a forward pass without gradients takes at once.
_FORWARD_EVENTS = 4096

_FLOATS = tf.TensorSpec((None, None), tf.float32)
_WHOLE = tf.TensorSpec((None, None), tf.int32)
_PLACE = tf.TensorSpec((None,), tf.int32)
#: Steps of rows, each (rows, steps); see `AttentionNetwork.encode`.
STEPS = {"movie": _WHOLE, "residual": _FLOATS, "rating": _FLOATS, "log_gap": _FLOATS, "at": _WHOLE}


def query_signature(features: int) -> dict[str, tf.TensorSpec]:
    """Queries of rows, the real ones (n,) in their places; see `AttentionNetwork.score`."""
    table = tf.TensorSpec((None, features), tf.float32)
    return {"movie": _WHOLE, "visible": _WHOLE, "at": _WHOLE, "place": _PLACE, "features": table}


class Checkpoint(Protocol):
    """Keeps and gives back a fit between epochs; see `run_folder`."""

    def save(self, network: Committee, optimizer: Any, progress: Progress) -> None:
        """Write everything that the next epoch needs."""

    def restore(self, network: Committee, optimizer: Any) -> Progress | None:
        """Read it back into network and optimizer; None where nothing was kept."""


class Trainer:
    """One network on one log: batches, training steps, predictions."""

    def __init__(self, network: Committee, inputs: Inputs, movies: MovieTable, settings: Settings) -> None:
        self.network, self.settings = network, settings
        self.catalogue = as_tensors(movies)
        self.lay(inputs)
        # Shapes are left open: one trace (seconds each) serves batches of every length.
        signature = (STEPS | {"place": _PLACE}, query_signature(len(inputs.feature_names)))
        aim = tf.TensorSpec((None,), tf.float32)
        self._step = tf.function(self._train_step, input_signature=(*signature, aim), autograph=False)
        self._score = tf.function(self._predict_step, input_signature=signature, autograph=False)

    def on(self, inputs: Inputs) -> "Trainer":
        """The same for other queries of the same data set, to predict with: nothing is traced again."""
        other = copy(self)
        other.lay(inputs)
        return other

    def with_items(self) -> Catalogue:
        """The catalogue with what each movie is to each member, worked out once; for answers, not for training."""
        every = np.arange(len(self.catalogue["id_rows"]), dtype=np.int32)
        return self.catalogue | {"items": self.network.items(every, self.catalogue)}

    def lay(self, inputs: Inputs) -> None:
        """Lay out these queries in place of any before."""
        self.inputs = inputs
        self.rows = lay_out(inputs.histories, inputs.queries, self.settings.chunk, self.settings.burn_in)
        order = np.argsort(self.rows.query)
        self._row_of_query = np.repeat(np.arange(len(self.rows)), self.rows.queries)[order]

    def fit(
        self,
        target: NDArray[np.float32],
        train: NDArray[np.integer],
        validation: NDArray[np.integer] | None,
        *,
        seed: int,
        epochs: int,
        validation_weight: NDArray[np.float64] | None = None,
        checkpoint: Checkpoint | None = None,
        watch: Watch | None = None,
        shown_as: str = "training",
    ) -> Progress:
        """Train on some events; with validation events, stop when they no longer get better.

        Args:
            target: rating minus causal bias, by event row.
            train: event rows that have a say in the loss.
            validation: event rows to measure on after each epoch, or None.
            seed: of batches and dropout; epoch e has its own stream, so a resumed fit is the uninterrupted one.
            validation_weight: of each validation event in the error that chooses; alike where None.
            epochs: epochs to run. The learning rate's cosine always spans `settings.epochs`.
            checkpoint: where to keep each epoch, and to resume from.
            watch: is told of each step.
            shown_as: what the watch is told that this is.
        """
        wanted = self._mask(train)
        rows = np.unique(self._row_of_query[train])
        size = self.settings.batch_events
        steps = sum(1 for _ in batches(self.rows, rows, size, np.random.default_rng(0)))
        self.optimizer = make_optimizer(self.settings, steps * self.settings.epochs)
        self.optimizer.build(self.network.trainable_variables)
        progress = (checkpoint.restore(self.network, self.optimizer) if checkpoint else None) or Progress()
        while progress.epoch < epochs and progress.epoch - progress.best_epoch < self.settings.patience:
            rng = np.random.default_rng((seed, progress.epoch))
            self.network.seed(seed, progress.epoch)
            loss = 0.0
            for done, chosen in enumerate(batches(self.rows, rows, size, rng), start=1):
                history, queries, number = self._read(chosen, wanted)
                aim = tf.constant(target[number[number >= 0]])
                loss += float(self._step(as_constants(history), as_constants(queries), aim))
                if watch:
                    watch(shown_as, progress.epoch * steps + done, epochs * steps)
            progress.epoch += 1
            record = {"epoch": progress.epoch, "train_mse": loss / max(len(train), 1)}
            if validation is not None:
                predicted = self.predict(validation)
                record["validation_mse"] = float(
                    np.average((predicted - target[validation]) ** 2, weights=validation_weight)
                )
                if record["validation_mse"] < progress.best_error:
                    progress.best_epoch, progress.best_error = progress.epoch, record["validation_mse"]
                    progress.best_predicted = predicted.tolist()
            else:
                progress.best_epoch = progress.epoch
            progress.history.append(record)
            if checkpoint:
                checkpoint.save(self.network, self.optimizer, progress)
        return progress

    def predict(self, events: NDArray[np.integer]) -> NDArray[np.float32]:
        """Predicted residuals of event rows, in their order."""
        result = np.zeros(len(self.inputs.queries), np.float32)
        for number, _, predicted, _ in self.passes(events):
            result[number[number >= 0]] = predicted.numpy()
        return result[events]

    def passes(self, events: NDArray[np.integer]) -> Iterator[tuple[NDArray[np.int64], Arrays, Any, Any]]:
        """Forward passes over the rows that hold some events.

        Yields:
            numbers of the queries (rows, q), -1 where there is none or it is not asked; the steps' arrays; predicted
            residuals (n,), of the asked ones in their order in the rows; attention weights (rows, q, s).
        """
        asked = self._mask(events)
        rows = np.unique(self._row_of_query[events])
        for chosen in batches(self.rows, rows, _FORWARD_EVENTS):
            steps, queries, number = self._read(chosen, asked)
            predicted, weights = self._score(as_constants(steps), as_constants(queries))
            yield number, steps, predicted, weights

    def _mask(self, events: NDArray[np.integer]) -> NDArray[np.bool_]:
        mask = np.zeros(len(self.inputs.queries), bool)
        mask[events] = True
        return mask

    def _read(
        self, chosen: NDArray[np.int64], asked: NDArray[np.bool_]
    ) -> tuple[Arrays, Arrays, NDArray[np.int64]]:
        """Steps and queries of some rows, and the queries' numbers (rows, q), -1 where one is not asked."""
        steps, queries, number = row_arrays(self.inputs.histories, self.rows, chosen, self.inputs.queries)
        number = np.where(asked[number], number, -1)
        steps["place"] = _places(steps["position"] >= 0)
        queries["place"] = _places(number >= 0)
        queries["features"] = self.inputs.features[number[number >= 0]]
        return steps, queries, number

    def _train_step(self, steps: Any, queries: Any, aim: Any) -> Any:
        with tf.GradientTape() as tape:
            predicted = self.network(steps, queries, self.catalogue, training=True)  # (members, n)
            error = tf.reduce_sum(tf.square(predicted - aim))
            # Over the batch's usual size, not its own: a batch with few events must not weigh as much as a full one.
            loss = error / self.settings.batch_events
        variables = self.network.trainable_variables
        # An ablation reads some of them no more: they have no gradient, and Keras would warn of each.
        moves = zip(tape.gradient(loss, variables), variables, strict=True)
        self.optimizer.apply_gradients(
            [(gradient, variable) for gradient, variable in moves if gradient is not None]
        )
        return error / self.settings.members

    def _predict_step(self, steps: Any, queries: Any) -> Any:
        return self.network.score(self.network.encode(steps, self.catalogue), queries, self.catalogue)


def make_optimizer(settings: Settings, steps: int) -> Any:
    """AdamW whose learning rate falls from `learning_rate` to 0 along a cosine over `steps`."""
    schedule = keras.optimizers.schedules.CosineDecay(settings.learning_rate, decay_steps=max(steps, 1))
    # The norm is over all members, whose gradients are independent.
    clip = settings.clip_norm * settings.members**0.5
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=settings.weight_decay, global_clipnorm=clip)
    optimizer.exclude_from_weight_decay(var_names=list(_UNDECAYED))
    return optimizer


def as_tensors(movies: MovieTable) -> Catalogue:
    """The catalogue on the side of TensorFlow."""
    return {name: tf.constant(value) for name, value in vars(movies).items()}


def as_constants(arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    """Padded arrays as tensors; positions stay behind."""
    return {name: tf.constant(value) for name, value in arrays.items() if name != "position"}


def _places(real: NDArray[np.bool_]) -> NDArray[np.int32]:
    return np.flatnonzero(real).astype(np.int32)


def event_target(dataset: Dataset, inputs: Inputs) -> NDArray[np.float32]:
    """What the network learns: rating minus causal bias, by event row."""
    return dataset.ratings.rating - inputs.bias
