"""The TensorFlow trainer on graphs that TransE or DistMult can represent."""

import itertools
from typing import Literal

import numpy as np
import pytest

from kgrec_gds.embeddings.embedding_settings import settings_for
from kgrec_gds.embeddings.link_ranking import evaluate
from kgrec_gds.embeddings.tensorflow_trainer import train
from kgrec_gds.embeddings.triples import hold_out

SIDE, DIMENSIONS = 4, 3


def lattice() -> tuple[np.ndarray, int, int]:
    """Cells of a cube, with a relation for each of the 26 steps to a neighbour: all relations are translations."""
    cells = np.array(list(itertools.product(range(SIDE), repeat=DIMENSIONS)))
    steps = [np.array(step) for step in itertools.product((-1, 0, 1), repeat=DIMENSIONS) if any(step)]
    row = {tuple(cell): number for number, cell in enumerate(cells)}
    triples = [
        (number, relation, row[tuple(cell + step)])
        for relation, step in enumerate(steps)
        for number, cell in enumerate(cells)
        if tuple(cell + step) in row
    ]
    return np.array(triples), len(cells), len(steps)


@pytest.mark.parametrize("norm", [1, 2])
def test_transe_learns_translations(norm: Literal[1, 2]) -> None:
    triples, nodes, relations = lattice()
    known, held_out = hold_out(triples, 0.1, np.random.default_rng(0))
    settings = settings_for(
        "transe", dimension=16, epochs=40, margin=2.0, norm=norm, validation_interval=20, patience=0
    )
    trained = train(settings, known, held_out, nodes, [f"R{row}" for row in range(relations)])
    assert trained.validation is not None
    assert trained.validation.mrr > 0.9
    assert trained.losses[-1] < trained.losses[0]
    assert trained.scorer.nodes.shape == (nodes, 16)
    assert trained.scorer.relations.shape == (relations, 16)
    assert np.isfinite(trained.scorer.nodes).all()


@pytest.mark.parametrize("loss", ["logistic", "margin"])
def test_distmult_learns_symmetric_groups(loss: str) -> None:
    # Eight groups of ten nodes, each related to all others of its group, which a symmetric score can represent.
    group = np.repeat(np.arange(8), 10)
    heads, tails = np.nonzero((group[:, None] == group) & ~np.eye(80, dtype=bool))
    triples = np.stack([heads, np.zeros_like(heads), tails], axis=1)
    known, held_out = hold_out(triples, 0.1, np.random.default_rng(1))
    settings = settings_for("distmult", dimension=16, epochs=60, loss=loss, margin=1.0, validation_share=0.1)
    trained = train(settings, known, held_out, 80, ["KNOWS"])
    assert evaluate(trained.scorer, held_out, known).mrr > 0.8
