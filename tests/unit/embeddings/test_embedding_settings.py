"""Settings: defaults by method, and values that no method accepts."""

import pytest

from kgrec_gds.embeddings.embedding_settings import GdsSettings, KgeSettings, parse_settings, settings_for
from kgrec_gds.embeddings.methods import METHODS, PREFERRED, VECTOR_PROPERTIES
from kgrec_gds.errors import EmbeddingError


@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_defaults_and_a_property(method: str) -> None:
    settings = settings_for(method)
    assert isinstance(settings, KgeSettings if METHODS[method].family == "kge" else GdsSettings)
    assert settings.vector_property == VECTOR_PROPERTIES[method]
    assert settings.parameters.items() >= METHODS[method].settings.items()


def test_the_preferred_method_is_the_default() -> None:
    assert settings_for().method == PREFERRED


def test_values_of_none_keep_the_default() -> None:
    assert settings_for("fastrp", dimension=None, seed=3) == settings_for("fastrp", seed=3)


def test_pairs_are_read_as_json_or_text() -> None:
    pairs = ("iteration_weights=[0, 1.5]", "walk-length=3", "trainer=plugin")
    assert parse_settings(pairs) == {"iteration_weights": (0, 1.5), "walk_length": 3, "trainer": "plugin"}


@pytest.mark.parametrize(
    ("method", "values", "named"),
    [
        ("fastrp", {"walk_length": 3}, "walk_length"),
        ("fastrp", {"dimension": 0}, "Invalid dimension 0"),
        ("fastrp", {"concurrency": 0}, "Invalid concurrency 0"),
        ("node2vec", {"stable": True}, "stable"),
        ("transe", {"stable": True}, "use --method fastrp"),
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
def test_invalid_settings_are_refused_by_name(method: str, values: dict, named: str) -> None:
    with pytest.raises(EmbeddingError, match=named):
        settings_for(method, **values)


def test_an_integer_is_accepted_for_a_float() -> None:
    assert settings_for("transe", margin=4, norm=1).parameters["margin"] == 4
    assert settings_for("fastrp", iteration_weights=(0, 1)).parameters["iteration_weights"] == (0, 1)


def test_the_method_is_not_a_setting() -> None:
    with pytest.raises(EmbeddingError, match="--method transe"):
        parse_settings(("method=transe",))


def test_a_pair_without_equals_is_refused() -> None:
    with pytest.raises(EmbeddingError, match="--set"):
        parse_settings(("walk_length",))
