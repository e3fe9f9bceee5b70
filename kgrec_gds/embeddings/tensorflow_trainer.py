"""TransE and DistMult in TensorFlow, for servers that take no plugin: the same settings, the same results.

Each true triple is scored against `negatives` corrupted tails and as many corrupted heads; blocks of true
triples share a draw. The dense arithmetic is one jit-compiled step, Adagrad then touches only the rows used.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.embeddings.embedding_settings import KgeSettings, TransESettings
from kgrec_gds.embeddings.link_ranking import LinkPrediction, Vectors, evaluate
from kgrec_gds.progress import bars

#: True triples that share one draw of negatives, and blocks in a step.
BLOCK, BLOCKS = 16, 32
_VALIDATION_TRIPLES = 1_000


@dataclass(frozen=True)
class Trained:
    """Vectors of the best epoch, and how training went."""

    vectors: Vectors
    losses: list[float]
    """Mean loss by epoch."""
    validations: list[dict[str, float]]
    """Epoch and MRR of each validation."""
    best_epoch: int
    validation: LinkPrediction | None
    """Of the vectors returned, on (at most 1,000 of) the held-out triples; None where none were held out."""


def train(
    settings: KgeSettings,
    train_triples: NDArray[np.int64],
    held_out: NDArray[np.int64],
    node_count: int,
    relations: list[str],
) -> Trained:
    """Train on triples of shape (triples, 3), and stop when held-out triples rank no better.

    The result is the best validated epoch's, or the last one's where nothing is held out.
    """
    from kgrec_gds.models.keras_backend import tf  # quietly, and only when it is needed

    rng = np.random.default_rng(settings.seed)
    norm = settings.norm if isinstance(settings, TransESettings) else None
    tables = [_table(tf, rng, rows, settings) for rows in (node_count, len(relations))]
    step = _step(tf, settings, norm, tables)
    losses: list[float] = []
    validations: list[dict[str, float]] = []
    best: tuple[Vectors, LinkPrediction | None] | None = None
    best_epoch, waited = settings.epochs, 0
    known = np.concatenate([train_triples, held_out])
    sample = held_out[rng.permutation(len(held_out))[:_VALIDATION_TRIPLES]]
    with bars() as progress:
        for epoch in progress.track(range(1, settings.epochs + 1), description=f"{settings.method} epochs"):
            done = (epoch - 1) / max(settings.epochs - 1, 1)
            rate = settings.learning_rate + done * (settings.min_learning_rate - settings.learning_rate)
            batches = _batches(train_triples, node_count, settings.negatives, rng)
            total = sum(float(step(batch, corrupted, np.float32(rate))) for batch, corrupted in batches)
            losses.append(total / len(train_triples))
            if not len(held_out) or (epoch % settings.validation_interval and epoch != settings.epochs):
                continue
            vectors = _vectors(tables, settings, norm)
            judged = evaluate(vectors, sample, known, relations)
            validations.append({"epoch": epoch, "mrr": judged.mrr})
            waited += 1
            if best is None or best[1] is None or judged.mrr > best[1].mrr:
                best, best_epoch, waited = (vectors, judged), epoch, 0
            if settings.patience and waited >= settings.patience:
                break
    vectors, validation = best or (_vectors(tables, settings, norm), None)
    return Trained(vectors, losses, validations, best_epoch, validation)


def _table(tf: Any, rng: np.random.Generator, rows: int, settings: KgeSettings) -> tuple[Any, Any]:
    bound = _start(settings)
    start = rng.uniform(-bound, bound, (rows, settings.embedding_size)).astype(np.float32)
    return tf.Variable(start), tf.Variable(tf.zeros_like(start))  # values, Adagrad's sum of squares


def _start(settings: KgeSettings) -> float:
    """Bound of the uniform start, as in the plugin: of RotatE's authors for L1, of TransE's for L2, else Glorot's."""
    if not isinstance(settings, TransESettings):
        return (3.0 / settings.embedding_size) ** 0.5
    if settings.norm == 1:
        return (settings.margin + 2.0) / settings.embedding_size
    return 6.0 / settings.embedding_size**0.5


def _vectors(tables: list[tuple[Any, Any]], settings: KgeSettings, norm: int | None) -> Vectors:
    nodes, relations = (values.numpy() for values, _ in tables)
    return Vectors(nodes, relations, "transe" if settings.method == "transe" else "distmult", norm or 2)


def _batches(
    triples: NDArray[np.int64], nodes: int, negatives: int, rng: np.random.Generator
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Shuffled steps: true triples (blocks, block, 3), and heads and tails to corrupt with (2, blocks, negatives)."""
    # Whole steps only, so that one shape is compiled; the last one is filled up with triples of the first.
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


def _step(tf: Any, settings: KgeSettings, norm: int | None, tables: list[tuple[Any, Any]]) -> Any:
    (nodes, node_squares), (relations, relation_squares) = tables
    gamma, alpha = settings.margin, settings.adversarial_temperature

    def loss_of(true: Any, false: Any) -> Any:  # (blocks, block), (blocks, block, negatives)
        weights = tf.stop_gradient(tf.nn.softmax(alpha * false, axis=-1))
        if settings.loss == "margin":
            return tf.reduce_sum(weights * tf.nn.relu(gamma - true[..., None] + false), axis=-1)
        return tf.nn.softplus(-gamma - true) + tf.reduce_sum(weights * tf.nn.softplus(gamma + false), axis=-1)

    @tf.function(jit_compile=True)  # type: ignore[untyped-decorator]  # tensorflow ships no types
    def gradients(head: Any, relation: Any, tail: Any, heads: Any, tails: Any) -> Any:
        given = (head, relation, tail, heads, tails)
        with tf.GradientTape() as tape:
            tape.watch(given)
            true = _score(tf, head, relation, tail, norm)
            lines, wrong_heads, wrong_tails = (
                [part[:, :, None] for part in (head, relation, tail)],
                heads[:, None],
                tails[:, None],
            )  # (blocks, block, 1, d), (blocks, 1, negatives, d) twice
            loss = loss_of(true, _score(tf, wrong_heads, lines[1], lines[2], norm)) + loss_of(
                true, _score(tf, lines[0], lines[1], wrong_tails, norm)
            )
            decay = settings.regularization * sum(tf.reduce_sum(part * part) for part in given)
            total = tf.reduce_sum(loss) / 2 + decay
        return total, tape.gradient(total, given)

    @tf.function  # type: ignore[untyped-decorator]  # same
    def step(batch: Any, corrupted: Any, rate: Any) -> Any:
        head, relation, tail = tf.unstack(batch, axis=-1)  # (blocks, block) each
        places = (head, relation, tail, corrupted[0], corrupted[1])
        loss, slopes = gradients(
            *(tf.gather(relations if place is relation else nodes, place) for place in places)
        )
        for place, slope in zip(places, slopes, strict=True):
            values, squares = (relations, relation_squares) if place is relation else (nodes, node_squares)
            rows, flat = tf.reshape(place, [-1]), tf.reshape(slope, [-1, settings.embedding_size])
            squares.scatter_add(tf.IndexedSlices(flat * flat, rows))
            values.scatter_sub(
                tf.IndexedSlices(rate * flat * tf.math.rsqrt(tf.gather(squares, rows) + 1e-10), rows)
            )
        return loss

    return step
