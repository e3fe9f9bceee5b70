"""The other side of `benchmarks/kge.py --against pykeen`, and, run by PyKEEN's own Python, PyKEEN itself.

Compared are positive-negative pairs a second on the same triples, dimension, distance, loss and number of sampled
negatives. Ours corrupts both sides, so a triple has twice the setting's negatives; PyKEEN gets that number, which
it spreads over both sides. Nothing is skipped: every pair on either side is scored and its gradient applied.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from typing import Any

_BATCHES = (256, 1024, 4096)
_TRIPLES = 8_192


def compare(
    graph: Any, triples: list[tuple[str, str, str]], settings: dict[str, Any], rounds: int
) -> dict[str, Any]:
    """Time ours and PyKEEN in turn, and return triples a second of both, and their ratio (medians of the rounds)."""
    dimension = settings["embeddingDimension"]
    negatives = 2 * settings["negativeSamplingRate"]
    ours: list[float] = []
    theirs: list[float] = []
    timing = settings | {
        "epochs": 1,
        "negativeSkipThreshold": 0.0,
        "filterNegatives": False,
        "frequencyWeighting": False,
    }
    with tempfile.TemporaryDirectory(prefix="kgrec-pykeen-") as folder:
        data = Path(folder) / "triples.json"
        data.write_text(json.dumps(triples), encoding="utf-8")
        batch = max(_BATCHES, key=lambda size: _pykeen(data, dimension, negatives, size, settings))
        for _ in range(rounds):
            timed = graph.run_alone("kge/stats", name="train", configuration=timing)[0]
            ours.append(timed["triplesPerSecond"])
            theirs.append(_pykeen(data, dimension, negatives, batch, settings))
    mine, other = statistics.median(ours), statistics.median(theirs)
    return {
        "compared_triples_per_second": mine,
        "pykeen_triples_per_second": other,
        "ratio": mine / other,
        "compared_dimension": dimension,
        "compared_negatives": negatives,
        "pykeen_batch": batch,
        "rounds": {"ours": ours, "pykeen": theirs},
    }


def _python() -> Path:
    """Python of PyKEEN's own environment, made at the first use (about 5 GB: PyTorch brings its GPU libraries)."""
    from kgrec_gds import home

    folder = home.cache() / "pykeen"
    python = folder / "bin" / "python"
    if not (folder / "done").is_file():
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "pykeen"], check=True, stdout=sys.stderr)
        (folder / "done").touch()
    return python


def _pykeen(data: Path, dimension: int, negatives: int, batch: int, settings: dict[str, Any]) -> float:
    norm = 1 if settings.get("distance") == "l1" else 2
    arguments = [
        str(value) for value in (data, dimension, negatives, batch, norm, settings.get("margin", 9.0))
    ]
    run = subprocess.run([_python(), __file__, *arguments], check=True, stdout=subprocess.PIPE, text=True)
    return float(run.stdout.strip().splitlines()[-1])


def _time_pykeen(path: str, *, dimension: int, negatives: int, batch: int, norm: int, margin: float) -> float:
    """Triples a second of PyKEEN's own training loop; imported only in PyKEEN's environment."""
    import logging

    import numpy as np
    import torch
    from pykeen.losses import NSSALoss
    from pykeen.models import TransE
    from pykeen.sampling import BasicNegativeSampler
    from pykeen.training import SLCWATrainingLoop
    from pykeen.triples import TriplesFactory

    logging.disable(logging.WARNING)
    torch.manual_seed(1)
    labelled = np.array(json.loads(Path(path).read_text(encoding="utf-8")), dtype=str)
    everything = TriplesFactory.from_labeled_triples(labelled)
    # All entities and relations, and as many triples as make a timing of some seconds.
    chosen = torch.randperm(everything.num_triples)[:_TRIPLES]
    factory = everything.clone_and_exchange_triples(everything.mapped_triples[chosen])
    loss = NSSALoss(margin=margin, adversarial_temperature=1.0)
    model = TransE(
        triples_factory=factory, embedding_dim=dimension, scoring_fct_norm=norm, loss=loss, random_seed=1
    )
    loop = SLCWATrainingLoop(
        model=model,
        triples_factory=factory,
        optimizer=torch.optim.Adagrad(model.parameters(), lr=0.1),
        negative_sampler=BasicNegativeSampler,
        negative_sampler_kwargs={"num_negs_per_pos": negatives},
    )
    options: dict[str, Any] = {"batch_size": batch, "use_tqdm": False, "use_tqdm_batch": False}
    loop.train(triples_factory=factory, num_epochs=1, **options)  # warm-up
    start = time.perf_counter()
    loop.train(triples_factory=factory, num_epochs=1, continue_training=False, **options)
    return factory.num_triples / (time.perf_counter() - start)


if __name__ == "__main__":
    source, dim, negs, size, p, gamma = sys.argv[1:]
    speed = _time_pykeen(
        source, dimension=int(dim), negatives=int(negs), batch=int(size), norm=int(p), margin=float(gamma)
    )
    print(speed)
