"""FastRP, node2vec and other methods of the Graph Data Science library, each by its query `embeddings/<method>`.

The query estimates the memory, computes the vectors into the projection (GDS refuses what does not fit), and
returns `bytesMin`, `computeMillis` and `metrics`; reading or writing the projection's property is the same for all.
"""

from typing import Any

import numpy as np

from kgrec_gds.database.connection import Connection
from kgrec_gds.embeddings.embedding_settings import GdsSettings
from kgrec_gds.embeddings.job_progress import computing
from kgrec_gds.embeddings.methods import METHODS
from kgrec_gds.embeddings.node_vectors import NodeVectors, VectorsWritten
from kgrec_gds.embeddings.projection import Projection, refusals
from kgrec_gds.progress import say


def configuration(settings: GdsSettings) -> dict[str, Any]:
    """The settings by the names of GDS's procedures."""
    weight = {"relationshipWeightProperty": "weight"} if settings.with_ratings else {}
    features = METHODS[settings.method].key_features if settings.stable else None
    return {
        "mutateProperty": settings.vector_property,
        "embeddingDimension": settings.dimension,
        "concurrency": settings.concurrency,
        "randomSeed": settings.seed,
        **weight,
        **(features or {}),
        **{_camel_case(name): _plain(value) for name, value in settings.options.items()},
    }


def write(connection: Connection, projection: Projection, settings: GdsSettings) -> VectorsWritten:
    """Compute the vectors and write them to the nodes.

    Raises:
        EmbeddingError: not enough memory, or GDS refused the settings.
    """
    computed = _compute(connection, projection, settings)
    say(f"{settings.method}: writing vectors ...")
    with refusals(f"Writing the vectors of {settings.method}"):
        written = connection.run_alone(
            "embeddings/write_projected", name=projection.name, property=settings.vector_property
        )[0]
    return VectorsWritten(
        trainer="gds",
        node_properties_written=written["propertiesWritten"],
        compute_millis=computed["computeMillis"],
        write_millis=written["writeMillis"],
        bytes_min=computed["bytesMin"],
        metrics=computed["metrics"],
    )


def stream(connection: Connection, projection: Projection, settings: GdsSettings) -> NodeVectors:
    """Compute the vectors and return them.

    Raises:
        EmbeddingError: as in `write`.
    """
    computed = _compute(connection, projection, settings)
    with refusals(f"Reading the vectors of {settings.method}"):
        rows = connection.run(
            "embeddings/stream_projected", name=projection.name, property=settings.vector_property
        )
    ids = np.array([row["nodeId"] for row in rows], np.int64)
    vectors = np.array([row["vector"] for row in rows], np.float32)
    return NodeVectors("gds", ids, vectors, computed["bytesMin"])


def _compute(connection: Connection, projection: Projection, settings: GdsSettings) -> dict[str, Any]:
    with refusals(settings.method), computing(connection, settings.method) as job:
        return connection.run_alone(
            f"embeddings/{settings.method}",
            name=projection.name,
            configuration=configuration(settings) | {"jobId": job},
        )[0]


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
