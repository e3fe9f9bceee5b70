"""The table of methods, and the configuration that GDS gets from it."""

from kgrec_gds.database import queries
from kgrec_gds.embeddings import gds_methods
from kgrec_gds.embeddings.embedding_settings import settings_for
from kgrec_gds.embeddings.methods import METHODS, VECTOR_PROPERTIES


def test_every_method_of_gds_has_a_query() -> None:
    for method, row in METHODS.items():
        if row.family == "gds":
            assert queries.load(f"embeddings/{method}").parameters == {"name", "configuration"}


def test_vector_properties_are_distinct() -> None:
    assert len(set(VECTOR_PROPERTIES.values())) == len(METHODS)


def test_settings_are_named_as_in_gds() -> None:
    settings = settings_for("fastrp", dimension=8, seed=1, concurrency=2, iteration_weights=(0, 1))
    assert gds_methods.configuration(settings) == {
        "mutateProperty": "fastRP",
        "embeddingDimension": 8,
        "randomSeed": 1,
        "concurrency": 2,
        "iterationWeights": [0, 1],
        "normalizationStrength": 0.0,
        "nodeSelfInfluence": 0.0,
    }


def test_ratings_are_weights_and_stable_vectors_start_from_features() -> None:
    weighted = gds_methods.configuration(settings_for("node2vec", with_ratings=True))
    assert weighted["relationshipWeightProperty"] == "weight"
    stable = gds_methods.configuration(settings_for("fastrp", stable=True))
    assert (stable["propertyRatio"], stable["featureProperties"]) == (1.0, ["feature"])
