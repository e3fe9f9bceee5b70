from dataclasses import replace

import numpy as np
import pytest

from kgrec_gds.errors import InputError
from kgrec_gds.evaluation.plan import EvaluateSettings, plan
from kgrec_gds.evaluation.published import PUBLISHED
from kgrec_gds.evaluation.variants import VARIANTS
from kgrec_gds.models.registry import MODELS

NO_LSTM = "attention_lstm:no_lstm"


def seeds(dataset, settings) -> dict[tuple[str, str], list[int]]:
    found: dict[tuple[str, str], list[int]] = {}
    for key in plan(dataset, settings):
        found.setdefault((key.protocol, key.model), []).append(key.seed)
    return found


def test_a_deterministic_model_is_fitted_once_and_others_with_every_seed(dataset):
    models = ("global_mean", "attention_lstm", NO_LSTM)
    assert seeds(dataset, EvaluateSettings(("global",), models, seeds=2)) == {
        ("global", "global_mean"): [0],
        ("global", "attention_lstm"): [0, 1],
        ("global", NO_LSTM): [0, 1],
    }


def test_without_names_variants_are_measured_under_the_first_honest_protocol_with_one_seed(dataset):
    found = seeds(dataset, EvaluateSettings(("paper", "global", "per-user"), seeds=2))
    assert found["global", NO_LSTM] == [0]
    assert ("per-user", NO_LSTM) not in found
    assert found["per-user", "attention_lstm"] == [0, 1]
    for name, entry in MODELS.items():
        assert (("global", name) in found) == entry.recommends
    assert {name for protocol, name in found if protocol == "paper"} == {*PUBLISHED, "paper_trees"}


def test_the_parts_of_a_blend_come_before_it(dataset):
    keys = plan(dataset, EvaluateSettings(("global",), ("blend", "trees_graph"), seeds=1))
    assert [key.model for key in keys] == ["attention_lstm", "trees_graph", "blend"]


def test_names_given_twice_count_once(dataset):
    keys = plan(dataset, EvaluateSettings(("global", "global"), ("svd", "svd"), seeds=1))
    assert len(keys) == 1


def test_variants_on_other_vectors_need_those_vectors(dataset):
    with pytest.raises(InputError, match="needs transe vectors; the graph has fastrp"):
        plan(dataset, EvaluateSettings(("global",), ("attention_lstm:transe",)))
    with pytest.raises(InputError, match="is attention_lstm itself"):
        plan(dataset, EvaluateSettings(("global",), ("attention_lstm:fastrp",)))
    both = replace(dataset, others=(replace(dataset.vectors, method="transe"),))
    measured = {key.model for key in plan(both, EvaluateSettings(("global",), seeds=1))}
    assert {name for name in measured if (found := VARIANTS.get(name)) and found.vectors} == {
        "attention_lstm:transe"
    }


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (EvaluateSettings(models=("global_mean", "svdd")), "Unknown model 'svdd'"),
        (EvaluateSettings(("paper",), (NO_LSTM,)), "Nothing to measure"),
        (EvaluateSettings(("global",), ("paper_trees",)), "Nothing to measure"),
        (EvaluateSettings(seeds=0), "Invalid seeds 0"),
    ],
)
def test_impossible_settings_are_refused(dataset, settings, message):
    with pytest.raises(InputError, match=message):
        plan(dataset, settings)


def test_data_without_three_parts_is_refused(dataset):
    ratings = dataset.ratings
    tied = replace(dataset, ratings=replace(ratings, rated_at=np.zeros_like(ratings.rated_at)))
    with pytest.raises(InputError, match="global"):
        plan(tied, EvaluateSettings(("global",), ("global_mean",)))
    nothing = replace(dataset, ratings=ratings.take(np.arange(0)))
    with pytest.raises(InputError, match="no ratings"):
        plan(nothing, EvaluateSettings())
