"""TransE and DistMult, trained in the database by the plugin, or in this process if the server has no plugin."""

import time
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from kgrec_gds.database.connection import Connection
from kgrec_gds.embeddings import triples
from kgrec_gds.embeddings.embedding_settings import KgeSettings
from kgrec_gds.embeddings.job_progress import computing
from kgrec_gds.embeddings.node_vectors import NodeVectors, VectorsWritten
from kgrec_gds.embeddings.projection import Projection, refusals
from kgrec_gds.errors import EmbeddingError
from kgrec_gds.progress import bars, say

if TYPE_CHECKING:
    from kgrec_gds.embeddings.tensorflow_trainer import TrainedVectors

_ROWS_PER_QUERY = 5_000
#: A node's key is the first of these that it has: vectors then do not depend on node ids.
_KEY_PROPERTIES = ["tconst", "nconst", "userId", "name"]


def choose_trainer(connection: Connection, settings: KgeSettings) -> Literal["plugin", "tensorflow"]:
    """The trainer that the settings name, else the plugin if the server has it.

    Raises:
        EmbeddingError: the settings name the plugin and the server does not have it.
    """
    present = bool(connection.one("embeddings/has_plugin")["present"])
    if settings.trainer == "plugin" and not present:
        raise EmbeddingError(
            "Cannot train with trainer=plugin: the server has no procedure kgrec.kge.write. "
            "Install this project's plugin there, or use trainer=auto."
        )
    return "plugin" if present and settings.trainer != "tensorflow" else "tensorflow"


def configuration(settings: KgeSettings) -> dict[str, Any]:
    """The settings by the names of the plugin's procedures."""
    distance = {} if settings.norm is None else {"distance": f"l{settings.norm}"}
    return distance | {
        "scoringFunction": settings.method,
        "embeddingDimension": settings.dimension,
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


def write(connection: Connection, projection: Projection, settings: KgeSettings) -> VectorsWritten:
    """Train on the projection's triples, and write the vectors to nodes and relationship types.

    Raises:
        EmbeddingError: not enough memory, or the database refused the settings.
    """
    if choose_trainer(connection, settings) == "plugin":
        return _write_with_plugin(connection, projection, settings)
    return _write_with_tensorflow(connection, projection, settings)


def stream(connection: Connection, projection: Projection, settings: KgeSettings) -> NodeVectors:
    """Train as `write` does, and return the vectors.

    Raises:
        EmbeddingError: as in `write`.
    """
    if choose_trainer(connection, settings) == "plugin":
        bytes_min = _estimate(connection, projection, settings)
        rows = _train_in_database(connection, "embeddings/kge_stream", projection, settings)
        nodes = [row for row in rows if row["nodeId"] is not None]
        return NodeVectors(
            trainer="plugin",
            ids=np.array([row["nodeId"] for row in nodes], np.int64),
            vectors=np.array([row["embedding"] for row in nodes], np.float32),
            bytes_min=bytes_min,
            relations={
                row["relationshipType"]: np.array(row["embedding"], np.float32)
                for row in rows
                if row["nodeId"] is None
            },
        )
    pulled, _, trained = _train_with_tensorflow(connection, projection, settings)
    scorer = trained.scorer
    relations = dict(zip(pulled.relations, scorer.relations, strict=True))
    return NodeVectors("tensorflow", pulled.node_ids, scorer.nodes, 0, relations)


def _estimate(connection: Connection, projection: Projection, settings: KgeSettings) -> int:
    """Bytes that the plugin needs at least; it refuses to train with less."""
    with refusals(f"The memory estimate of {settings.method}"):
        estimated = connection.one(
            "embeddings/kge_estimate", name=projection.name, configuration=configuration(settings)
        )
    return int(estimated["bytesMin"])


def _train_in_database(
    connection: Connection, query: str, projection: Projection, settings: KgeSettings, **more: Any
) -> list[dict[str, Any]]:
    with refusals(settings.method), computing(connection, settings.method) as job:
        chosen = configuration(settings) | more | {"jobId": job}
        return connection.run_alone(query, name=projection.name, configuration=chosen)


def _write_with_plugin(
    connection: Connection, projection: Projection, settings: KgeSettings
) -> VectorsWritten:
    bytes_min = _estimate(connection, projection, settings)
    (done,) = _train_in_database(
        connection, "embeddings/kge_write", projection, settings, writeProperty=settings.vector_property
    )
    best = max(done["validations"], key=lambda validation: validation["mrr"], default=None)
    metrics = {
        "validation_mrr": best["mrr"] if best else None,
        "validation_hits_at_10": best["hitsAt10"] if best else None,
        "best_epoch": done["bestEpoch"],
        "ran_epochs": done["ranEpochs"],
        "losses": done["losses"],
        "validations": [{"epoch": row["epoch"], "mrr": row["mrr"]} for row in done["validations"]],
        "triples_per_second": done["triplesPerSecond"],
        "relation_types_written": done["relationTypesWritten"],
    }
    return VectorsWritten(
        trainer="plugin",
        node_properties_written=done["nodePropertiesWritten"],
        compute_millis=done["computeMillis"],
        write_millis=done["writeMillis"],
        bytes_min=bytes_min,
        metrics=metrics,
    )


def _train_with_tensorflow(
    connection: Connection, projection: Projection, settings: KgeSettings
) -> tuple[triples.Triples, int, "TrainedVectors"]:
    """Triples of the projection, the number of them trained on, and the vectors."""
    from kgrec_gds.embeddings.tensorflow_trainer import train

    chosen = settings.trainer == "tensorflow"
    say(f"{settings.method}: training with TensorFlow" + ("" if chosen else " (the server has no plugin)"))
    pulled = triples.pull(connection, projection)
    training, held_out = triples.hold_out(
        pulled.triples, settings.validation_share, np.random.default_rng(settings.seed)
    )
    trained = train(settings, training, held_out, len(pulled.node_ids), pulled.relations)
    return pulled, len(training), trained


def _write_with_tensorflow(
    connection: Connection, projection: Projection, settings: KgeSettings
) -> VectorsWritten:
    start = time.perf_counter()
    pulled, trained_on, trained = _train_with_tensorflow(connection, projection, settings)
    computed = time.perf_counter()
    nodes = [
        {"id": node, "vector": vector.tolist()}
        for node, vector in zip(pulled.node_ids.tolist(), trained.scorer.nodes, strict=True)
    ]
    relations = [
        {"name": name, "vector": vector.tolist()}
        for name, vector in zip(pulled.relations, trained.scorer.relations, strict=True)
    ]
    with bars() as display:
        task = display.add_task(f"{settings.method}: writing vectors", total=len(nodes))
        for first in range(0, len(nodes), _ROWS_PER_QUERY):
            rows = nodes[first : first + _ROWS_PER_QUERY]
            connection.run("embeddings/write_nodes", rows=rows, property=settings.vector_property)
            display.advance(task, len(rows))
    connection.run("embeddings/write_relations", rows=relations, property=settings.vector_property)
    metrics = {
        "validation_mrr": trained.validation.mrr if trained.validation else None,
        "validation_hits_at_10": trained.validation.hits_at_10 if trained.validation else None,
        "best_epoch": trained.best_epoch,
        "ran_epochs": len(trained.losses),
        "losses": trained.losses,
        "validations": trained.validations,
        "triples_per_second": trained_on * len(trained.losses) / (computed - start),
        "relation_types_written": len(relations),
    }
    return VectorsWritten(
        trainer="tensorflow",
        node_properties_written=len(nodes),
        compute_millis=round((computed - start) * 1000),
        write_millis=round((time.perf_counter() - computed) * 1000),
        bytes_min=0,
        metrics=metrics,
    )
