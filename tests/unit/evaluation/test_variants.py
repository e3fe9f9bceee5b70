from dataclasses import replace

import pytest

from kgrec_gds.evaluation.variants import VARIANTS, variant
from kgrec_gds.models.registry import MODELS, build


@pytest.mark.parametrize("name", [*MODELS, *VARIANTS])
def test_every_model_and_variant_can_be_built(name):
    assert type(variant(name).build()) is type(build(name.partition(":")[0]))


def test_a_variant_leaves_out_the_part_that_it_is_named_after():
    assert not variant("attention_lstm:no_lstm").build().settings.use_lstm
    assert variant("attention_lstm").build().settings.use_lstm


def test_a_variant_on_other_vectors_reads_them_in_place_of_the_first(dataset):
    transe = replace(dataset.vectors, method="transe", movies=dataset.vectors.movies[:, ::-1].copy())
    both = replace(dataset, others=(transe,))
    assert variant("attention_lstm:transe").read(both).vectors is transe
    assert variant("attention_lstm:no_lstm").read(both) is both
