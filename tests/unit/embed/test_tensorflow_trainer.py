"""The portable trainer on a graph with planted translations."""

import numpy as np
import pytest

from kgrec_gds.embed.ranking import evaluate
from kgrec_gds.embed.settings import DistMultSettings, TransESettings
from kgrec_gds.embed.tensorflow_trainer import train
from kgrec_gds.embed.triples import hold_out

SIDE = 12


def grid() -> np.ndarray:
    """A torus-free grid: relation 0 goes right, relation 1 goes up; every fact follows from translations."""
    cell = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    right = [(a, 0, b) for a, b in zip(cell[:, :-1].ravel(), cell[:, 1:].ravel(), strict=True)]
    up = [(a, 1, b) for a, b in zip(cell[:-1].ravel(), cell[1:].ravel(), strict=True)]
    diagonal = [(a, 2, b) for a, b in zip(cell[:-1, :-1].ravel(), cell[1:, 1:].ravel(), strict=True)]
    return np.array(right + up + diagonal)


def test_transe_learns_planted_translations() -> None:
    known, held_out = hold_out(grid(), 0.1, np.random.default_rng(0))
    settings = TransESettings(embedding_size=16, epochs=150, margin=4.0, validation_interval=50, patience=0)
    trained = train(settings, known, held_out, SIDE * SIDE, ["RIGHT", "UP", "DIAGONAL"])
    assert trained.validation is not None
    assert trained.validation.mrr > 0.9
    assert trained.losses[-1] < trained.losses[0]
    assert trained.vectors.nodes.shape == (SIDE * SIDE, 16)
    assert np.isfinite(trained.vectors.nodes).all()


@pytest.mark.parametrize("loss", ["logistic", "margin"])
def test_distmult_beats_chance_on_symmetric_groups(loss: str) -> None:
    # Eight groups of ten, everybody related to everybody in the group: what a symmetric score can learn.
    group = np.repeat(np.arange(8), 10)
    heads, tails = np.nonzero((group[:, None] == group) & ~np.eye(80, dtype=bool))
    triples = np.stack([heads, np.zeros_like(heads), tails], axis=1)
    known, held_out = hold_out(triples, 0.1, np.random.default_rng(1))
    settings = DistMultSettings(embedding_size=16, epochs=60, loss=loss, margin=1.0, validation_share=0.1)
    trained = train(settings, known, held_out, 80, ["KNOWS"])
    assert evaluate(trained.vectors, held_out, known).mrr > 0.8
