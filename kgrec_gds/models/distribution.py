"""Training on several processes: each trains on its own users, and their gradients are summed after each step.

The sums are those of TensorFlow's MultiWorkerMirroredStrategy; `TF_CONFIG` names the processes as for any other program of
TensorFlow. Every process holds the whole network and makes the same updates, so that there is nothing else to exchange.
This module is imported, and the processes join, before Keras is: TensorFlow connects at its start only.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.errors import InputError, ModelRunError
from kgrec_gds.quiet_tensorflow import quiet

_TASKS = ("chief", "worker")


class Workers:
    """This process among those that train together."""

    def __init__(self, strategy: Any, index: int, count: int) -> None:
        self._strategy, self.index, self.count = strategy, index, count

    @property
    def chief(self) -> bool:
        """Whether this process writes the run."""
        return self.index == 0

    def own(self, user_index: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Which rows are of users that this process trains on."""
        found: NDArray[np.bool_] = user_index % self.count == self.index
        return found

    def total(self, values: Sequence[Any]) -> list[Any]:
        """Sum of each tensor over all processes, which must call this in the same order with the same shapes."""
        import tensorflow as tf

        def summed() -> Any:
            # The copies are on the device of this process, where the sums are made.
            copies = [tf.identity(value) for value in values]
            return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, copies)

        def run() -> list[Any]:
            return list(self._strategy.run(summed))

        # Always in a function: outside one, a sum that fails leaves a thread that prints an error of its own in the end.
        return list(tf.function(run)()) if tf.executing_eagerly() else run()

    def sums(self, values: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum of each number over all processes."""
        return np.asarray(self.total([np.asarray(values, np.float64)])[0])

    def by_process(self, value: int) -> NDArray[np.int64]:
        """The value of each process."""
        each = np.zeros(self.count)
        each[self.index] = value
        return self.sums(each).astype(np.int64)

    def from_chief(self, values: Sequence[Any]) -> list[Any]:
        """The chief's numbers, tensors or arrays, in every process; the others give some of the same shapes."""
        given = [np.asarray(value, np.float64) for value in values]
        return self.total([value if self.chief else np.zeros_like(value) for value in given])

    def text_from_chief(self, text: str = "") -> str:
        """The chief's text, in every process."""
        content = np.frombuffer(text.encode(), np.uint8)
        size = int(self.by_process(len(content))[0])
        if not size:
            return ""
        (found,) = self.from_chief([content if self.chief else np.zeros(size)])
        return np.asarray(found).astype(np.uint8).tobytes().decode()

    def agree(self, text: str) -> None:
        """Check that all processes have the same text.

        Raises:
            ModelRunError: they have not.
        """
        digests = self.by_process(int(hashlib.sha256(text.encode()).hexdigest()[:12], 16))
        if len(set(digests.tolist())) > 1:
            raise ModelRunError(
                "The training workers read different data; expected the same ratings, movies and vectors. Connect all of "
                "them to the same database, and do not change it while they train."
            )

    def wait(self) -> None:
        """Wait until all processes are here."""
        self.sums([1.0])

    def end(self) -> None:
        """Let the others end, now that all is done; one that has ended before is not missed."""
        with contextlib.suppress(*_lost()):
            self.wait()

    @contextlib.contextmanager
    def lost_worker_told(self) -> Iterator[None]:
        """Turn the error of a sum that cannot be made into one sentence.

        Raises:
            ModelRunError: a process has ended.
        """
        try:
            yield
        except _lost() as error:
            raise ModelRunError(
                f"A training worker has ended: worker {self.index} of {self.count} no longer reaches the others. Finished "
                f"epochs are kept; continue with kgrec-gds train --resume --workers {self.count}."
            ) from error


def _lost() -> tuple[type[Exception], ...]:
    """What TensorFlow raises where another process has ended."""
    import tensorflow as tf

    kinds = tf.errors
    return (
        kinds.UnavailableError,
        kinds.AbortedError,
        kinds.CancelledError,
        kinds.DeadlineExceededError,
        kinds.InternalError,
    )


_team: list[Workers] = []


def team() -> Workers | None:
    """The processes that this one trains with; None where it trains alone."""
    return _team[0] if _team else None


def task() -> tuple[int, int] | None:
    """Index of this process, 0 for the chief, and number of processes by `TF_CONFIG`; None where that is not set.

    Raises:
        InputError: `TF_CONFIG` is malformed or names other tasks.
    """
    text = os.environ.get("TF_CONFIG", "")
    if not text.strip():
        return None
    try:
        config = json.loads(text)
        addresses = {kind: len(config["cluster"].get(kind, [])) for kind in _TASKS}
        kind, index = config["task"]["type"], int(config["task"]["index"])
        place = index if kind == "chief" else addresses["chief"] + index
        known = kind in _TASKS and 0 <= index < addresses[kind]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"Invalid TF_CONFIG ({error}); expected JSON with cluster and task. See docs/how-to/train-on-several-machines.md."
        ) from error
    if not known:
        raise InputError(
            f"Invalid task {kind} {index} in TF_CONFIG; expected one of the cluster's chief and workers."
        )
    return place, sum(addresses.values())


def join(index: int, count: int) -> Workers:
    """Connect to the other processes of `TF_CONFIG`, in which this one has this index, and wait for them.

    Raises:
        InputError: TensorFlow has been used already.
    """
    try:
        with quiet():
            import tensorflow as tf

            tf.config.set_visible_devices([], "GPU")
            # It warns that functions which are called once, for single sums, are slow.
            tf.get_logger().setLevel("ERROR")
            strategy = tf.distribute.MultiWorkerMirroredStrategy()
    except RuntimeError as error:
        raise InputError(
            f"Cannot train with other workers: {error}. Run kgrec-gds train --workers N in a process of its own."
        ) from error
    workers = Workers(strategy, index, count)
    _team[:] = [workers]
    return workers
