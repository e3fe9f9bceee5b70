"""TransE and DistMult in TensorFlow, for servers without the plugin, with the same settings.

Each true triple is scored against `negatives` corrupted tails and as many corrupted heads; the triples of a block
share their negatives. The dense arithmetic is one jit-compiled step; Adagrad then updates only the rows used.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.embeddings.embedding_settings import KgeSettings
from kgrec_gds.embeddings.link_ranking import LinkPrediction, LinkScorer, evaluate
from kgrec_gds.progress import bars

#: True triples of a block, which share their negatives, and blocks of a step.
BLOCK, BLOCKS = 16, 32
_VALIDATION_TRIPLES = 1_000


@dataclass(frozen=True)
class TrainedVectors:
    """Vectors of the best epoch, and the history of the training."""

    scorer: LinkScorer
    losses: list[float]
    """Mean loss by epoch."""
    validations: list[dict[str, float]]
    """Epoch and MRR of each validation."""
    best_epoch: int
    validation: LinkPrediction | None
    """Metrics of these vectors on (at most 1,000) held-out triples; None if none were held out."""


def train(
    settings: KgeSettings,
    train_triples: NDArray[np.int64],
    held_out: NDArray[np.int64],
    node_count: int,
    relations: list[str],
) -> TrainedVectors:
    """Train on triples of shape (triples, 3), with early stopping by the MRR of the held-out triples.

    The result is that of the best validated epoch, or of the last one if nothing is held out.
    """
    from kgrec_gds.keras_backend import tf  # imported here, since TensorFlow takes seconds to load

    rng = np.random.default_rng(settings.seed)
    tables = [_table(tf, rng, rows, settings) for rows in (node_count, len(relations))]
    step = _step(tf, settings, tables)
    losses: list[float] = []
    validations: list[dict[str, float]] = []
    best: tuple[LinkScorer, LinkPrediction | None] | None = None
    best_epoch, waited = settings.epochs, 0
    known = np.concatenate([train_triples, held_out])
    sample = held_out[rng.permutation(len(held_out))[:_VALIDATION_TRIPLES]]
    with bars() as progress:
        task = progress.add_task(f"{settings.method}: epochs", total=settings.epochs)
        for epoch in range(1, settings.epochs + 1):
            done = (epoch - 1) / max(settings.epochs - 1, 1)
            rate = settings.learning_rate + done * (settings.min_learning_rate - settings.learning_rate)
            batches = _batches(train_triples, node_count, settings.negatives, rng)
            total = sum(float(step(batch, corrupted, np.float32(rate))) for batch, corrupted in batches)
            losses.append(total / len(train_triples))
            progress.advance(task)
            if not len(held_out) or (epoch % settings.validation_interval and epoch != settings.epochs):
                continue
            scorer = _scorer(tables, settings)
            validation = evaluate(scorer, sample, known, relations)
            validations.append({"epoch": epoch, "mrr": validation.mrr})
            waited += 1
            if best is None or best[1] is None or validation.mrr > best[1].mrr:
                best, best_epoch, waited = (scorer, validation), epoch, 0
            if settings.patience and waited >= settings.patience:
                progress.update(task, total=epoch)
                break
    chosen, metrics = best or (_scorer(tables, settings), None)
    return TrainedVectors(chosen, losses, validations, best_epoch, metrics)


def _table(tf: Any, rng: np.random.Generator, rows: int, settings: KgeSettings) -> tuple[Any, Any]:
    bound = _initial_bound(settings)
    start = rng.uniform(-bound, bound, (rows, settings.dimension)).astype(np.float32)
    return tf.Variable(start), tf.Variable(tf.zeros_like(start))  # values, Adagrad's sum of squares


def _initial_bound(settings: KgeSettings) -> float:
    """Bound of the uniform initial values, as in the plugin: RotatE's for L1, TransE's for L2, Glorot's for DistMult."""
    if settings.norm is None:
        return (3.0 / settings.dimension) ** 0.5
    if settings.norm == 1:
        return (settings.margin + 2.0) / settings.dimension
    return 6.0 / settings.dimension**0.5


def _scorer(tables: list[tuple[Any, Any]], settings: KgeSettings) -> LinkScorer:
    nodes, relations = (values.numpy() for values, _ in tables)
    if settings.norm is None:
        return LinkScorer(nodes, relations, "distmult")
    return LinkScorer(nodes, relations, "transe", settings.norm)


def _batches(
    triples: NDArray[np.int64], nodes: int, negatives: int, rng: np.random.Generator
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Shuffled steps: true triples (blocks, block, 3), and negative heads and tails (2, blocks, negatives)."""
    # Only full steps, so that one shape is compiled; the last one is padded with triples of the first.
    order = rng.permutation(len(triples))
    order = np.resize(order, -(-len(order) // (BLOCK * BLOCKS)) * BLOCK * BLOCKS)
    for rows in order.reshape(-1, BLOCKS, BLOCK):
        yield triples[rows], rng.integers(nodes, size=(2, BLOCKS, negatives))


def _score(tf: Any, head: Any, relation: Any, tail: Any, norm: int | None) -> Any:
    """Score over the last axis; larger is better."""
    if norm is None:
        return tf.reduce_sum(head * relation * tail, axis=-1)
    difference = head + relation - tail
    if norm == 1:
        return -tf.reduce_sum(tf.abs(difference), axis=-1)
    # The root has no gradient at 0.
    return -tf.sqrt(tf.reduce_sum(difference * difference, axis=-1) + 1e-12)


def _step(tf: Any, settings: KgeSettings, tables: list[tuple[Any, Any]]) -> Any:
    (nodes, node_squares), (relations, relation_squares) = tables
    gamma, alpha, norm = settings.margin, settings.adversarial_temperature, settings.norm

    def loss_of(true: Any, false: Any) -> Any:  # (blocks, block), (blocks, block, negatives)
        weights = tf.stop_gradient(tf.nn.softmax(alpha * false, axis=-1))
        if settings.loss == "margin":
            return tf.reduce_sum(weights * tf.nn.relu(gamma - true[..., None] + false), axis=-1)
        return tf.nn.softplus(-gamma - true) + tf.reduce_sum(weights * tf.nn.softplus(gamma + false), axis=-1)

    @tf.function(jit_compile=True)  # type: ignore[untyped-decorator]  # tensorflow ships no types
    def gradients(head: Any, relation: Any, tail: Any, heads: Any, tails: Any) -> Any:
        inputs = (head, relation, tail, heads, tails)
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            true = _score(tf, head, relation, tail, norm)
            h, r, t = (part[:, :, None] for part in (head, relation, tail))  # (blocks, block, 1, d)
            # (blocks, 1, negatives, d) in place of the true side
            loss = loss_of(true, _score(tf, heads[:, None], r, t, norm))
            loss += loss_of(true, _score(tf, h, r, tails[:, None], norm))
            decay = settings.regularization * sum(tf.reduce_sum(part * part) for part in inputs)
            total = tf.reduce_sum(loss) / 2 + decay
        return total, tape.gradient(total, inputs)

    @tf.function  # type: ignore[untyped-decorator]  # same
    def step(batch: Any, corrupted: Any, rate: Any) -> Any:
        head, relation, tail = tf.unstack(batch, axis=-1)  # (blocks, block) each
        indices = (head, relation, tail, corrupted[0], corrupted[1])
        loss, slopes = gradients(
            *(tf.gather(relations if index is relation else nodes, index) for index in indices)
        )
        for index, slope in zip(indices, slopes, strict=True):
            values, squares = (relations, relation_squares) if index is relation else (nodes, node_squares)
            rows, flat = tf.reshape(index, [-1]), tf.reshape(slope, [-1, settings.dimension])
            squares.scatter_add(tf.IndexedSlices(flat * flat, rows))
            values.scatter_sub(
                tf.IndexedSlices(rate * flat * tf.math.rsqrt(tf.gather(squares, rows) + 1e-10), rows)
            )
        return loss

    return step
