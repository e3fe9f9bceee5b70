"""The training loop of the attention-LSTM: seeded, batched by length, resumable from its last epoch."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.data.query import Queries
from kgrec_gds.data.sequences import Arrays, Histories, Rows, batches, lay_out, row_arrays
from kgrec_gds.errors import InputError
from kgrec_gds.keras_backend import keras, tf
from kgrec_gds.models.attention_lstm.checkpoint import Checkpoint, Progress
from kgrec_gds.models.attention_lstm.hyperparameters import Hyperparameters
from kgrec_gds.models.attention_lstm.movie_table import MovieTable
from kgrec_gds.models.attention_lstm.network import AttentionNetwork
from kgrec_gds.models.distribution import Workers, team

#: Variables without weight decay: offsets and the attention's scalars.
_UNDECAYED = ("bias", "offset", "absent", "temperature", "decay", "threshold", "first_state", "edges")
#: Padded queries of a forward pass without gradients, and the most of one row: a catalogue of this size takes one pass.
_FORWARD_QUERIES = 16_384

_FLOATS = tf.TensorSpec((None, None), tf.float32)
_WHOLE = tf.TensorSpec((None, None), tf.int32)
_PLACE = tf.TensorSpec((None,), tf.int32)
_STEPS = {
    "movie": _WHOLE,
    "residual": _FLOATS,
    "rating": _FLOATS,
    "log_gap": _FLOATS,
    "at": _WHOLE,
    "place": _PLACE,
}


@dataclass(frozen=True)
class Examples:
    """Queries with all that the network reads of them. Arrays by query."""

    queries: Queries
    features: NDArray[np.float32]
    """(queries, features)."""
    histories: Histories


class Trainer:
    """One network bound to one catalogue: training steps and predictions."""

    def __init__(self, network: AttentionNetwork, movies: MovieTable) -> None:
        self.network, self.settings, self.workers = network, network.settings, team()
        slots, present = [], []
        for vectors in movies.slots():
            slots.append(tf.constant(vectors))
            present.append(tf.constant(vectors.any(axis=1), tf.float32))
        self.catalogue = {"id_rows": tf.constant(movies.id_rows), "slots": slots}
        if present:
            self.catalogue["present"] = tf.stack(present, axis=1)
        queries = {"movie": _WHOLE, "visible": _WHOLE, "at": _WHOLE, "place": _PLACE}
        queries["features"] = tf.TensorSpec((None, network.sizes.features), tf.float32)
        # Open shapes: one trace (seconds each) serves batches of every length.
        signature = (_STEPS, queries)
        target = (tf.TensorSpec((None,), tf.float32), tf.TensorSpec((), tf.float32))
        # The catalogue is an argument: TensorFlow keeps the graph of a training step, and a constant of it, to the end.
        catalogue = tf.nest.map_structure(tf.TensorSpec.from_tensor, self.catalogue)
        self._step = tf.function(
            self._train_step, input_signature=(*signature, catalogue, *target), autograph=False
        )
        movies_represented = tf.TensorSpec((None, network.item_size), tf.float32)
        self._score = tf.function(
            self._predict_step, input_signature=(*signature, movies_represented), autograph=False
        )
        self._movies: Any = None

    def fit(
        self,
        draw: Callable[[np.random.Generator], tuple[Examples, NDArray[np.float32]]],
        validate: Callable[[], float] | None,
        *,
        seed: int,
        epochs: int,
        checkpoint: Checkpoint | None = None,
        callback: Callable[[int, int], None] | None = None,
    ) -> Progress:
        """Train; with a validation error, stop when it no longer falls.

        Training workers call this together, each with examples of its own users; only the chief has a checkpoint.

        Args:
            draw: training examples of an epoch and their targets (rating minus baseline estimate), by a generator.
            validate: the validation error of the network as it is, or None.
            seed: of delays, batches and dropout; every epoch has its own stream, so that a resumed fit equals an
                uninterrupted one.
            epochs: epochs to run. The learning rate's cosine always spans `settings.epochs`.
            checkpoint: where each epoch is kept, and found again.
            callback: called with the steps done and their total.
        """
        settings, workers = self.settings, self.workers
        batch = settings.batch_queries // (workers.count if workers else 1)
        progress, total = Progress(), 0
        optimizer: Any = None
        while progress.epoch < epochs and progress.epoch - progress.best_epoch < settings.patience:
            self._movies = None
            rng = np.random.default_rng((seed, progress.epoch))
            examples, target = draw(rng)
            rows = self._lay_out(examples, settings.block)
            groups = list(batches(rows, np.arange(len(rows)), batch, rng))
            steps_an_epoch, examined = _together(workers, len(groups), len(target))
            # Epochs differ a little: delays move queries between rows.
            total = max(total, epochs * steps_an_epoch)
            if optimizer is None:
                optimizer = _optimizer(settings, steps_an_epoch * settings.epochs)
                optimizer.build(self.network.trainable_variables)
                self.optimizer = optimizer
                kept = checkpoint.restore(self.network, optimizer) if checkpoint else None
                if workers:
                    kept = _from_chief(
                        workers, kept or Progress(), [*self.network.variables, *optimizer.variables]
                    )
                if kept is not None and kept.epoch:
                    progress = kept
                    continue  # with the delays and batches of the epoch that comes next
            self.network.seed(seed + (workers.index if workers else 0), progress.epoch)
            loss = 0.0
            for done in range(1, steps_an_epoch + 1):
                # A worker with fewer batches than the others repeats one with no weight.
                group, weight = (groups[done - 1], 1.0) if done <= len(groups) else (groups[0], 0.0)
                steps, queries, number = _arrays(examples, rows, group)
                wanted = tf.constant(target[number[number >= 0]])
                loss += float(self._step(steps, queries, self.catalogue, wanted, tf.constant(weight)))
                if callback:
                    callback(min(progress.epoch * steps_an_epoch + done, total), total)
            progress.epoch += 1
            record = {"epoch": progress.epoch, "train_mse": loss / max(examined, 1)}
            if validate is None:
                progress.best_epoch = progress.epoch
            else:
                record["validation_mse"] = validate()
                if record["validation_mse"] < progress.best_error:
                    progress.best_epoch, progress.best_error = progress.epoch, record["validation_mse"]
            progress.history.append(record)
            if checkpoint:
                checkpoint.save(self.network, optimizer, progress)
        if callback:
            callback(total, total)  # it may have stopped early
        return progress

    def predict(self, examples: Examples) -> NDArray[np.float32]:
        """Predicted residuals, shape (queries,)."""
        return self._predict(examples, None)

    def predict_with_attention(
        self, examples: Examples
    ) -> tuple[NDArray[np.float32], NDArray[np.int32], NDArray[np.float32]]:
        """Predicted residuals (queries,), attended movies and their weights (queries, window), latest step last."""
        shape = (len(examples.queries), self.settings.attention_steps)
        movies, weights = np.zeros(shape, np.int32), np.zeros(shape, np.float32)
        return self._predict(examples, (movies, weights)), movies, weights

    def _predict(
        self, examples: Examples, attention: tuple[NDArray[np.int32], NDArray[np.float32]] | None
    ) -> NDArray[np.float32]:
        rows = self._lay_out(examples, _FORWARD_QUERIES)
        result = np.zeros(len(examples.queries), np.float32)
        for group in batches(rows, np.arange(len(rows)), _FORWARD_QUERIES):
            steps, queries, number = _arrays(examples, rows, group)
            predicted, weights = self._score(steps, queries, self.represented())
            result[number[number >= 0]] = predicted.numpy()
            if attention is not None:
                _collect(attention, steps["movie"].numpy(), weights.numpy(), rows, number)
        return result

    def _lay_out(self, examples: Examples, width: int) -> Rows:
        return lay_out(
            examples.histories, examples.queries, self.settings.block, self.settings.burn_in, width
        )

    def _train_step(self, steps: Any, queries: Any, catalogue: Any, target: Any, weight: Any) -> Any:
        with tf.GradientTape() as tape:
            predicted = self.network(steps, queries, catalogue, training=True)  # (n,)
            error = weight * tf.reduce_sum(tf.square(predicted - target))
            # Over the usual size of a batch, not its own: a batch with few queries must not weigh as much as a full one.
            loss = error / self.settings.batch_queries
        variables = self.network.trainable_variables
        moves = zip(tape.gradient(loss, variables), variables, strict=True)
        # An ablated network does not read some of them: no gradient, of which Keras would warn.
        read = [move for move in moves if move[0] is not None]
        if self.workers:
            own = [tf.convert_to_tensor(gradient) for gradient, _ in read]
            *summed, error = self.workers.total([*own, error])
            read = [(gradient, variable) for gradient, (_, variable) in zip(summed, read, strict=True)]
        self.optimizer.apply_gradients(read)
        return error

    def _predict_step(self, steps: Any, queries: Any, movies: Any) -> Any:
        catalogue = {"represented": movies}
        return self.network.score(self.network.encode(steps, catalogue), queries, catalogue)

    def represented(self) -> Any:
        """The representations of all movies, computed again only after training: (movies, item_size)."""
        if self._movies is None:
            count = len(self.catalogue["id_rows"])
            parts = [
                self.network.items(tf.range(begin, min(begin + _FORWARD_QUERIES, count)), self.catalogue)
                for begin in range(0, count, _FORWARD_QUERIES)
            ]
            self._movies = tf.concat(parts, axis=0)
        return self._movies


def _together(workers: Workers | None, steps: int, targets: int) -> tuple[int, int]:
    """Steps of an epoch, the most of any worker, and the targets of all.

    Raises:
        InputError: a worker has no user.
    """
    if workers is None:
        return steps, targets
    each = workers.by_process(steps)
    if not each.all():
        raise InputError(
            f"Too few users for {workers.count} training workers: one has none. Train with fewer of them."
        )
    return int(each.max()), int(workers.sums([targets])[0])


def _from_chief(workers: Workers, progress: Progress, variables: list[Any]) -> Progress:
    """The chief's progress; where it has any, its variables are everybody's, too."""
    state = [progress.epoch, progress.best_epoch, progress.best_error]
    epoch, best_epoch, best_error = (value.item() for value in map(np.asarray, workers.from_chief(state)))
    if epoch:
        for variable, value in zip(variables, workers.from_chief(variables), strict=True):
            variable.assign(np.asarray(value).astype(str(variable.dtype)))
    return Progress(int(epoch), progress.history, int(best_epoch), best_error)


def _optimizer(settings: Hyperparameters, steps: int) -> Any:
    """AdamW whose learning rate falls from `learning_rate` to 0 along a cosine over `steps`."""
    schedule = keras.optimizers.schedules.CosineDecay(settings.learning_rate, decay_steps=max(steps, 1))
    optimizer = keras.optimizers.AdamW(
        schedule, weight_decay=settings.weight_decay, global_clipnorm=settings.clip_norm
    )
    optimizer.exclude_from_weight_decay(var_names=list(_UNDECAYED))
    return optimizer


def _arrays(
    examples: Examples, rows: Rows, group: NDArray[np.int64]
) -> tuple[dict[str, Any], dict[str, Any], NDArray[np.int64]]:
    """Steps and queries of some rows as tensors, and the queries' numbers (rows, q), -1 where padding is."""
    steps, queries, number = row_arrays(examples.histories, rows, group, examples.queries)
    steps["place"] = _places(steps.pop("real"))
    queries["place"] = _places(number >= 0)
    queries["features"] = examples.features[number[number >= 0]]
    return _tensors(steps), _tensors(queries), number


def _tensors(arrays: Arrays) -> dict[str, Any]:
    return {name: tf.constant(value) for name, value in arrays.items()}


def _places(real: NDArray[np.bool_]) -> NDArray[np.int32]:
    return np.flatnonzero(real).astype(np.int32)


def _collect(
    attention: tuple[NDArray[np.int32], NDArray[np.float32]],
    movies: NDArray[np.int32],
    weights: NDArray[np.float32],
    rows: Rows,
    number: NDArray[np.int64],
) -> None:
    """Copy the attention of a batch, aligned at each query's latest visible step."""
    found_movies, found_weights = attention
    window = found_movies.shape[1]
    row, place = np.nonzero(number >= 0)
    query = number[row, place]
    step = rows.visible[query][:, None] - window + np.arange(window)  # (n, window)
    inside = step >= 0
    step = np.where(inside, step, 0)
    found_movies[query] = np.where(inside, movies[row[:, None], step], 0)
    found_weights[query] = np.where(inside, weights[row[:, None], place[:, None], step], 0)
