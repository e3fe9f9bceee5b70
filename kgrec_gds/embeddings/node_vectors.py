"""Results of a method on a projection: vectors streamed to this process, or written to the nodes."""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Trainer = Literal["gds", "plugin", "tensorflow"]


@dataclass(frozen=True)
class NodeVectors:
    """Vectors of a projection's nodes and, for TransE and DistMult, of its relationship types."""

    trainer: Trainer
    ids: NDArray[np.int64]
    """GDS node ids."""
    vectors: NDArray[np.float32]
    """Shape (nodes, dimension), in the order of `ids`."""
    bytes_min: int
    """Memory that the database estimated, at least; 0 if TensorFlow trained."""
    relations: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    """Vector by relationship type."""


@dataclass(frozen=True)
class VectorsWritten:
    """What a method wrote to the nodes, and its cost."""

    trainer: Trainer
    node_properties_written: int
    compute_millis: int
    write_millis: int
    bytes_min: int
    """As in `NodeVectors`."""
    metrics: dict[str, Any]
