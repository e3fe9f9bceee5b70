"""The embedding methods, one row each; light, so that the command line reads it without loading a client.

To add a method of the Graph Data Science library, add a row here and its query as
`cypher/embeddings/<name>.cypher`: see `docs/how-to/add-an-embedding-method.md`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal


@dataclass(frozen=True)
class Method:
    """An embedding method and the settings that are its own."""

    name: str
    """As typed on the command line."""
    vector_property: str
    """Node property that holds the vectors."""
    family: Literal["gds", "kge"]
    """`gds`: computed by the query `embeddings/<name>`; `kge`: trained on triples, by the plugin or TensorFlow."""
    settings: Mapping[str, Any]
    """Setting -> default, beside the settings that all methods of the family have. GDS gets them in camel case."""
    key_features: Mapping[str, Any] | None = None
    """Configuration that makes GDS start from the node property `feature`; allows the setting `stable`."""


#: In order of preference where nobody chose: by the recommender's error on validation ratings (`docs/embeddings.md`).
METHODS: Final = {
    row.name: row
    for row in (
        # Translations (Bordes et al., 2013): score -||h + r - t||. `norm` is 1 or 2.
        Method(
            "transe",
            "transE",
            "kge",
            {"learning_rate": 1.0, "margin": 4.0, "adversarial_temperature": 2.0, "norm": 2},
        ),
        # Bilinear model with diagonal relations (Yang et al., 2015): score <h, r, t>.
        Method(
            "distmult",
            "distMult",
            "kge",
            {"learning_rate": 0.3, "margin": 0.0, "adversarial_temperature": 1.0},
        ),
        # Fast random projection (Chen et al., 2019).
        Method(
            "fastrp",
            "fastRP",
            "gds",
            {
                "iteration_weights": (0.0, 1.0, 1.0),  # weight of the neighbourhood at distance 1, 2, ...
                "normalization_strength": 0.0,  # below 0: nodes with many relationships count less
                "node_self_influence": 0.0,  # weight of the node's own random vector
            },
            key_features={"propertyRatio": 1.0, "featureProperties": ["feature"]},
        ),
        # Random walks and skip-gram (Grover and Leskovec, 2016); reproducible only with one thread.
        Method(
            "node2vec",
            "node2vec",
            "gds",
            {
                "iterations": 1,  # passes over the walks
                "walk_length": 40,
                "walks_per_node": 10,
                "window_size": 5,  # steps on either side that count as context
                "in_out_factor": 1.0,  # above 1: walks stay near their start
                "return_factor": 1.0,  # above 1: walks seldom turn back
            },
        ),
    )
}

#: Method -> node property of its vectors.
VECTOR_PROPERTIES: Final = {name: row.vector_property for name, row in METHODS.items()}

#: Default of `embed`, and the first choice of `train`.
PREFERRED: Final = next(iter(METHODS))
