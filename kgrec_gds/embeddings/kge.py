"""TransE and DistMult, trained inside the database by the plugin, or here where the server has none."""

import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from kgrec_gds.database.connection import Connection
from kgrec_gds.embeddings import job_progress as progress
from kgrec_gds.embeddings import memory_estimate as memory
from kgrec_gds.embeddings import triples
from kgrec_gds.embeddings.embedding_settings import EmbedSettings, KgeSettings, TransESettings
from kgrec_gds.embeddings.gds_methods import Written
from kgrec_gds.embeddings.projection import Projection, refusals
from kgrec_gds.errors import EmbeddingError
from kgrec_gds.progress import say

if TYPE_CHECKING:
    from kgrec_gds.embeddings.tensorflow_trainer import Trained

_ROWS_AT_ONCE = 5_000
#: First of these that a node has is its key: vectors then do not depend on node ids.
_KEY_PROPERTIES = ["tconst", "nconst", "userId", "name"]


def choose_trainer(graph: Connection, settings: KgeSettings) -> Literal["plugin", "tensorflow"]:
    """The plugin where the server has it, unless the settings name the trainer.

    Raises:
        EmbeddingError: the plugin is asked for by name and the server has none.
    """
    present = bool(graph.one("embeddings/has_plugin")["present"])
    if settings.trainer == "plugin" and not present:
        raise EmbeddingError(
            "trainer=plugin needs the procedure kgrec.kge.write on the server, which has none. "
            "Put this project's plugin there, or leave the choice to trainer=auto."
        )
    return "plugin" if present and settings.trainer != "tensorflow" else "tensorflow"


def configuration(settings: KgeSettings) -> dict[str, Any]:
    """The settings as the plugin's procedures name them."""
    distance = {"distance": f"l{settings.norm}"} if isinstance(settings, TransESettings) else {}
    return distance | {
        "scoringFunction": settings.method,
        "embeddingDimension": settings.embedding_size,
        "lossFunction": settings.loss,
        "margin": settings.margin,
        "negativeSampling": "selfAdversarial" if settings.adversarial_temperature else "uniform",
        "negativeSamplingRate": settings.negatives,
        "adversarialTemperature": settings.adversarial_temperature,
        "learningRate": settings.learning_rate,
        "minLearningRate": settings.min_learning_rate,
        "regularization": settings.regularization,
        "epochs": settings.epochs,
        "validationFraction": settings.validation_share,
        "validationInterval": settings.validation_interval,
        "patience": settings.patience,
        "randomSeed": settings.seed,
        "concurrency": settings.concurrency,
        "nodeKeyProperties": _KEY_PROPERTIES,
    }


def write(graph: Connection, projection: Projection, settings: EmbedSettings) -> Written:
    """Train on the projection's triples, and write the vectors to nodes and relation types.

    Raises:
        EmbeddingError: it does not fit, or the database refused.
    """
    assert isinstance(settings, KgeSettings)
    if choose_trainer(graph, settings) == "plugin":
        return _by_plugin(graph, projection, settings)
    return _by_tensorflow(graph, projection, settings)


def estimate(graph: Connection, projection: Projection, settings: KgeSettings) -> int:
    """Bytes that training by the plugin needs at least, checked against the heap.

    Raises:
        EmbeddingError: it cannot fit, or a setting was refused.
    """
    with refusals(f"The memory estimate of {settings.method}"):
        found = graph.one(
            "embeddings/kge_estimate", name=projection.name, configuration=configuration(settings)
        )
    return memory.fits(
        SimpleNamespace(
            heap_percentage_min=found["heapPercentageMin"],
            required_memory=found["requiredMemory"],
            bytes_min=found["bytesMin"],
        ),
        settings.method,
    )


def stream(
    graph: Connection, projection: Projection, settings: KgeSettings
) -> tuple[NDArray[np.int64], NDArray[np.float32], dict[str, NDArray[np.float32]]]:
    """Train as `write` does, and return the vectors instead.

    Returns:
        GDS node ids; vectors of those nodes, (nodes, embedding_size); vectors of the relation types by name.
    """
    if choose_trainer(graph, settings) == "plugin":
        rows = _in_database(graph, "embeddings/kge_stream", projection, settings)
        nodes = [row for row in rows if row["nodeId"] is not None]
        relations = {
            row["relationshipType"]: np.array(row["embedding"], np.float32)
            for row in rows
            if row["relationshipType"] is not None
        }
        ids = np.array([row["nodeId"] for row in nodes], np.int64)
        return ids, np.array([row["embedding"] for row in nodes], np.float32), relations
    pulled, _, trained = _train_here(graph, projection, settings)
    return (
        pulled.node_ids,
        trained.vectors.nodes,
        dict(zip(pulled.relations, trained.vectors.relations, strict=True)),
    )


def _train_here(
    graph: Connection, projection: Projection, settings: KgeSettings
) -> tuple[triples.Triples, int, "Trained"]:
    """Triples of the projection, how many of them were trained on, and what came of it."""
    from kgrec_gds.embeddings.tensorflow_trainer import train

    pulled = triples.pull(graph, projection)
    known, held_out = triples.hold_out(
        pulled.triples, settings.validation_share, np.random.default_rng(settings.seed)
    )
    trained = train(settings, known, held_out, len(pulled.node_ids), pulled.relations)
    return pulled, len(known), trained


def _by_plugin(graph: Connection, projection: Projection, settings: KgeSettings) -> Written:
    bytes_min = estimate(graph, projection, settings)
    done = _in_database(
        graph, "embeddings/kge_write", projection, settings, writeProperty=settings.vector_property
    )[0]
    validations = done["validations"]
    best = max(validations, key=lambda validation: validation["mrr"], default=None)
    metrics = {
        "validation_mrr": best["mrr"] if best else None,
        "validation_hits_at_10": best["hitsAt10"] if best else None,
        "best_epoch": done["bestEpoch"],
        "ran_epochs": done["ranEpochs"],
        "losses": done["losses"],
        "validations": [{"epoch": row["epoch"], "mrr": row["mrr"]} for row in validations],
        "triples_per_second": done["triplesPerSecond"],
        "relation_types_written": done["relationTypesWritten"],
    }
    return Written(
        "plugin",
        done["nodePropertiesWritten"],
        done["computeMillis"],
        done["writeMillis"],
        bytes_min,
        metrics,
    )


def _in_database(
    graph: Connection, query: str, projection: Projection, settings: KgeSettings, **more: Any
) -> list[dict[str, Any]]:
    with refusals(settings.method), progress.shown(graph, settings.method) as job:
        chosen = configuration(settings) | more | {"jobId": job}
        return graph.run_alone(query, name=projection.name, configuration=chosen)


def _by_tensorflow(graph: Connection, projection: Projection, settings: KgeSettings) -> Written:
    why = "as asked" if settings.trainer == "tensorflow" else "the server has no kgrec.kge procedures"
    say(f"{settings.method}: training here with TensorFlow; {why} ...")
    start = time.perf_counter()
    pulled, trained_on, trained = _train_here(graph, projection, settings)
    computed = time.perf_counter()
    rows = [
        {"id": int(id_), "vector": vector.tolist()}
        for id_, vector in zip(pulled.node_ids, trained.vectors.nodes, strict=True)
    ]
    for first in range(0, len(rows), _ROWS_AT_ONCE):
        graph.run(
            "embeddings/write_nodes",
            rows=rows[first : first + _ROWS_AT_ONCE],
            property=settings.vector_property,
        )
    relations = [
        {"name": name, "vector": vector.tolist()}
        for name, vector in zip(pulled.relations, trained.vectors.relations, strict=True)
    ]
    graph.run("embeddings/write_relations", rows=relations, property=settings.vector_property)
    compute_seconds = computed - start
    metrics = {
        "validation_mrr": trained.validation.mrr if trained.validation else None,
        "validation_hits_at_10": trained.validation.hits_at_10 if trained.validation else None,
        "best_epoch": trained.best_epoch,
        "ran_epochs": len(trained.losses),
        "losses": trained.losses,
        "validations": trained.validations,
        "triples_per_second": trained_on * len(trained.losses) / compute_seconds,
        "relation_types_written": len(relations),
    }
    write_millis = round((time.perf_counter() - computed) * 1000)
    return Written("tensorflow", len(rows), round(compute_seconds * 1000), write_millis, 0, metrics)
