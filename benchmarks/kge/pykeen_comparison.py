"""PyKEEN's TransE against ours, for `link_prediction.py --against pykeen`; also the script that PyKEEN's Python runs.

Measured are positive-negative pairs a second with the same triples, dimension, distance, loss and number of negatives.
Ours corrupts both sides with the setting's number of negatives each; PyKEEN gets twice the number, which it spreads over
both sides. No negative is skipped: every pair is scored and its gradient applied.

Then a race: PyKEEN trains on all triples for some time, and ours from the same initialization until it ranks as well.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

Triple = tuple[str, str, str]

_BATCHES = (16, 32, 64, 256, 1024)
_TRIPLES = 4_096
#: Triples that share their negatives: the default of `embed`, and the fastest.
_BLOCKS = (16, 256)
#: Every pair is scored and its gradient applied.
_TIMED = {"epochs": 1, "negativeSkipThreshold": 0.0, "filterNegatives": False, "frequencyWeighting": False}
_RANKED = 1_000
#: Small enough for PyKEEN to finish an epoch of a standard data set within minutes on two cores.
_RACE = {"embeddingDimension": 64, "negativeSamplingRate": 16}
_RACE_EPOCHS = 20


@dataclass(frozen=True)
class Task:
    """A task for PyKEEN, passed to its Python as JSON."""

    triples: str
    """File of the triples."""
    dimension: int
    negatives: int
    batch: int
    norm: int
    margin: float
    temperature: float
    rate: float
    seconds: float = 0
    """Train on all triples for whole epochs until this time has passed; 0: time one epoch of a sample."""
    vectors: str = ""
    """File to write the vectors to."""


def compare(connection: Any, triples: list[Triple], settings: dict[str, Any], rounds: int) -> dict[str, Any]:
    """Time ours and PyKEEN in turn with both distances: triples a second and their ratio, medians over the rounds.

    PyKEEN's batch size is the fastest of several. `ratio` is that of `l2`, the distance of `embed` and GDS, with our
    fastest block size; `by_distance` has both distances, and `ours_by_block` both block sizes.
    """
    with tempfile.TemporaryDirectory(prefix="kgrec-pykeen-") as folder:
        data = _stored(triples, Path(folder))
        by_distance = {
            distance: _compare(connection, data, settings | _TIMED | {"distance": distance}, rounds)
            for distance in ("l2", "l1")
        }
    return by_distance["l2"] | {"by_distance": by_distance}


def _compare(connection: Any, data: Path, settings: dict[str, Any], rounds: int) -> dict[str, Any]:
    ours: dict[int, list[float]] = {size: [] for size in _BLOCKS}
    theirs: list[float] = []
    by_batch = {size: _pykeen(_task(data, settings, size)) for size in _BATCHES}
    batch = max(_BATCHES, key=lambda size: by_batch[size])
    for size in _BLOCKS:
        _ours(connection, settings, size)  # warm-up, as for PyKEEN
    for _ in range(rounds):
        for size in _BLOCKS:
            ours[size].append(_ours(connection, settings, size))
        theirs.append(_pykeen(_task(data, settings, batch)))
    by_block = {size: statistics.median(values) for size, values in ours.items()}
    mine, other = max(by_block.values()), statistics.median(theirs)
    negatives = 2 * settings["negativeSamplingRate"]
    return {
        "compared_triples_per_second": mine,
        "compared_pairs_per_second": mine * negatives,
        "pykeen_triples_per_second": other,
        "pykeen_pairs_per_second": other * negatives,
        "ratio": mine / other,
        "compared_dimension": settings["embeddingDimension"],
        "compared_negatives": negatives,
        "ours_by_block": by_block,
        "pykeen_batch": batch,
        "pykeen_by_batch": by_batch,
        "rounds": {"ours": ours, "pykeen": theirs},
    }


def _ours(connection: Any, settings: dict[str, Any], block: int) -> float:
    done = connection.run_alone("kge/stats", name="train", configuration=settings | {"blockSize": block})[0]
    return float(done["triplesPerSecond"])


def race(
    connection: Any, triples: dict[str, list[Triple]], settings: dict[str, Any], batch: int, seconds: float
) -> dict[str, Any]:
    """Train PyKEEN for about `seconds` (whole epochs), and ours until it reaches the same validation MRR.

    Returns:
        `race_mrr` of PyKEEN, `pykeen_seconds_to_mrr`, and `seconds_to_mrr` of ours (None: not reached).
    """
    small = settings | _RACE
    with tempfile.TemporaryDirectory(prefix="kgrec-pykeen-") as folder:
        file = Path(folder) / "vectors.npz"
        spent = _pykeen(
            _task(_stored(triples["train"], Path(folder)), small, batch, seconds=seconds, vectors=str(file))
        )
        mrr = _validation_mrr(file, triples, small)
    configuration = small | {
        "epochs": _RACE_EPOCHS,
        "minLearningRate": small["learningRate"],
        "negativeSkipThreshold": 0.0,
        "validationGraph": "valid",
        "validationInterval": 1,
        "validationSampleSize": _RANKED,
        "patience": 0,
    }
    done = connection.run_alone("kge/stats", name="train", configuration=configuration)[0]
    epoch = len(triples["train"]) / done["triplesPerSecond"]
    reached = [row["epoch"] for row in done["validations"] if row["mrr"] >= mrr]
    return {
        "race_dimension": small["embeddingDimension"],
        "race_negatives": 2 * small["negativeSamplingRate"],
        "race_mrr": mrr,
        "pykeen_seconds_to_mrr": spent,
        "seconds_to_mrr": reached[0] * epoch if reached else None,
        "race_validations": [row["mrr"] for row in done["validations"]],
    }


def _validation_mrr(file: Path, triples: dict[str, list[Triple]], settings: dict[str, Any]) -> float:
    """Filtered MRR of a sample of validation triples by PyKEEN's vectors, ranked as in the database."""
    import numpy as np

    from kgrec_gds.embeddings.link_ranking import LinkScorer, evaluate

    with np.load(file) as arrays:
        entities, relations = arrays["entities"], arrays["relations"]
        names = arrays["entity_names"].tolist(), arrays["relation_names"].tolist()
    entity, relation = ({name: row for row, name in enumerate(part)} for part in names)

    def rows(part: list[Triple]) -> Any:
        known = [t for t in part if t[0] in entity and t[2] in entity and t[1] in relation]
        return np.array([(entity[h], relation[r], entity[t]) for h, r, t in known], np.int64)

    held = rows(triples["valid"])
    test = np.random.default_rng(1).permutation(held)[:_RANKED]
    norm = 1 if settings.get("distance") == "l1" else 2
    known = np.concatenate([rows(triples["train"]), held])
    return evaluate(LinkScorer(entities, relations, "transe", norm), test, known).mrr


def _stored(triples: list[Triple], folder: Path) -> Path:
    data = folder / "triples.json"
    data.write_text(json.dumps(triples), encoding="utf-8")
    return data


def _task(data: Path, settings: dict[str, Any], batch: int, **more: Any) -> Task:
    return Task(
        triples=str(data),
        dimension=settings["embeddingDimension"],
        negatives=2 * settings["negativeSamplingRate"],
        batch=batch,
        norm=1 if settings.get("distance") == "l1" else 2,
        margin=settings["margin"],
        temperature=settings["adversarialTemperature"],
        rate=settings["learningRate"],
        **more,
    )


def _python() -> Path:
    """Python of PyKEEN's virtual environment, created on first use (about 5 GB with PyTorch's GPU libraries)."""
    from kgrec_gds import home

    folder = home.cache() / "pykeen"
    python = folder / "bin" / "python"
    if not (folder / "done").is_file():
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "pykeen"], check=True, stdout=sys.stderr)
        (folder / "done").touch()
    return python


def _pykeen(task: Task) -> float:
    run = subprocess.run(
        [_python(), __file__, json.dumps(asdict(task))], check=True, stdout=subprocess.PIPE, text=True
    )
    return float(run.stdout.strip().splitlines()[-1])


def _run_pykeen(task: Task) -> float:
    """Triples a second of PyKEEN's training loop, or seconds trained; runs in PyKEEN's environment."""
    import functools
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
    labelled = np.array(json.loads(Path(task.triples).read_text(encoding="utf-8")), dtype=str)
    factory = TriplesFactory.from_labeled_triples(labelled)
    if not task.seconds:
        # All entities and relations, but only enough triples for a timing of some seconds.
        chosen = torch.randperm(factory.num_triples)[:_TRIPLES]
        factory = factory.clone_and_exchange_triples(factory.mapped_triples[chosen])
    # Our initialization, without constraining entities to length 1, with which a margin of 9 is meaningless.
    bound = (task.margin + 2) / task.dimension if task.norm == 1 else 6 / task.dimension**0.5
    initializer = functools.partial(torch.nn.init.uniform_, a=-bound, b=bound)
    model = TransE(
        triples_factory=factory,
        embedding_dim=task.dimension,
        scoring_fct_norm=task.norm,
        loss=NSSALoss(margin=task.margin, adversarial_temperature=task.temperature),
        entity_initializer=initializer,
        relation_initializer=initializer,
        relation_constrainer=None,
        entity_constrainer=None,
        random_seed=1,
    )
    loop = SLCWATrainingLoop(
        model=model,
        triples_factory=factory,
        optimizer=torch.optim.Adagrad(model.parameters(), lr=task.rate),
        negative_sampler=BasicNegativeSampler,
        negative_sampler_kwargs={"num_negs_per_pos": task.negatives},
    )
    options: dict[str, Any] = {"batch_size": task.batch, "use_tqdm": False, "use_tqdm_batch": False}

    def train_until(epoch: int) -> int:
        # num_epochs counts from the first epoch, also when training continues.
        loop.train(triples_factory=factory, num_epochs=epoch, continue_training=epoch > 1, **options)
        assert len(loop.losses_per_epochs) == epoch
        return epoch

    epoch = 0 if task.seconds else train_until(1)  # warm-up before a timing
    start = time.perf_counter()
    epoch = train_until(epoch + 1)
    while time.perf_counter() - start < task.seconds:
        epoch = train_until(epoch + 1)
    spent = time.perf_counter() - start
    if not task.seconds:
        return factory.num_triples / spent
    np.savez(
        task.vectors,
        entities=model.entity_representations[0]().detach().numpy(),
        relations=model.relation_representations[0]().detach().numpy(),
        entity_names=np.array([factory.entity_id_to_label[i] for i in range(factory.num_entities)]),
        relation_names=np.array([factory.relation_id_to_label[i] for i in range(factory.num_relations)]),
    )
    return spent


if __name__ == "__main__":
    print(_run_pykeen(Task(**json.loads(sys.argv[1]))))
