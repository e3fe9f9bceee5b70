"""Speed of the TensorFlow trainer, for `link_prediction.py --against tensorflow`."""

import time
from typing import Any

import numpy as np

_TRIPLES = 40_000
_EPOCHS = 3


def timing(triples: list[tuple[str, str, str]], settings: dict[str, Any]) -> dict[str, float]:
    """Triples a second of `kgrec_gds.embeddings.tensorflow_trainer` with the same settings, without compilation."""
    entities = _numbers([name for h, _, t in triples for name in (h, t)])
    relations = _numbers([r for _, r, _ in triples])
    rows = np.array([(entities[h], relations[r], entities[t]) for h, r, t in triples], dtype=np.int64)
    chosen = np.random.default_rng(1).permutation(len(rows))[:_TRIPLES]
    short, long = (
        _seconds(rows[chosen], len(entities), list(relations), settings, n) for n in (1, 1 + _EPOCHS)
    )
    return {"tensorflow_triples_per_second": _EPOCHS * len(chosen) / (long - short)}


def _numbers(names: list[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(sorted(set(names)))}


def _seconds(
    rows: np.ndarray, nodes: int, relations: list[str], settings: dict[str, Any], epochs: int
) -> float:
    from kgrec_gds.embeddings.embedding_settings import settings_for
    from kgrec_gds.embeddings.tensorflow_trainer import train

    same = settings_for(
        "transe",
        dimension=settings["embeddingDimension"],
        negatives=settings["negativeSamplingRate"],
        margin=settings["margin"],
        adversarial_temperature=settings["adversarialTemperature"],
        epochs=epochs,
        norm=1 if settings.get("distance") == "l1" else 2,
    )
    start = time.perf_counter()
    train(same, rows, np.empty((0, 3), dtype=np.int64), nodes, relations)
    return time.perf_counter() - start
