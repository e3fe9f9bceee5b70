"""Settings refuse what no method takes, by name."""

import pytest

from kgrec_gds import schema
from kgrec_gds.embeddings.embedding_settings import (
    FastRPSettings,
    TransESettings,
    parse_settings,
    settings_for,
)
from kgrec_gds.errors import EmbeddingError


def test_every_preferred_method_has_settings_and_a_property() -> None:
    for method in schema.VECTOR_PROPERTIES:
        assert settings_for(method).vector_property == schema.VECTOR_PROPERTIES[method]


def test_values_that_are_none_keep_the_default() -> None:
    assert settings_for("fastrp", embedding_size=None, seed=3) == FastRPSettings(seed=3)


def test_pairs_are_read_as_json_or_text() -> None:
    pairs = ("iteration_weights=[0, 1.5]", "walk-length=3", "trainer=plugin")
    assert parse_settings(pairs) == {"iteration_weights": (0, 1.5), "walk_length": 3, "trainer": "plugin"}


@pytest.mark.parametrize(
    ("method", "values", "named"),
    [
        ("fastrp", {"walk_length": 3}, "walk_length"),
        ("fastrp", {"embedding_size": 0}, "--dimension"),
        ("fastrp", {"concurrency": 0}, "--concurrency"),
        ("node2vec", {"stable": True}, "stable"),
        ("transe", {"stable": True}, "Try --method fastrp"),
        ("transe", {"with_ratings": True}, "--with-ratings"),
        ("transe", {"norm": 3}, "norm"),
        ("transe", {"validation_share": 1.0}, "validation_share"),
        ("distmult", {"norm": 1}, "norm"),
        ("distmult", {"epochs": 0}, "epochs"),
        ("distmult", {"loss": "hinge"}, "loss"),
        ("word2vec", {}, "word2vec"),
        ("transe", {"epochs": "abc"}, "epochs"),
        ("transe", {"epochs": 2.5}, "epochs"),
        ("transe", {"margin": "far"}, "margin"),
        ("fastrp", {"iteration_weights": 1}, "iteration_weights"),
        ("fastrp", {"iteration_weights": ("a",)}, "iteration_weights"),
        ("fastrp", {"stable": 1}, "stable"),
    ],
)
def test_what_a_method_does_not_take_is_refused_by_name(method: str, values: dict, named: str) -> None:
    with pytest.raises(EmbeddingError, match=named):
        settings_for(method, **values)


def test_a_whole_number_is_a_number() -> None:
    assert settings_for("transe", margin=4, norm=1) == TransESettings(margin=4, norm=1)
    assert settings_for("fastrp", iteration_weights=(0, 1)).iteration_weights == (0, 1)


def test_the_method_is_no_setting() -> None:
    with pytest.raises(EmbeddingError, match="--method transe"):
        parse_settings(("method=transe",))


def test_a_pair_without_equals_is_refused() -> None:
    with pytest.raises(EmbeddingError, match="--set"):
        parse_settings(("walk_length",))
