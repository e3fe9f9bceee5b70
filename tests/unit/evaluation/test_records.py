import numpy as np
import pytest

from kgrec_gds.data.splits import split
from kgrec_gds.evaluation.cells import Cell
from kgrec_gds.evaluation.harness import Measured
from kgrec_gds.evaluation.plan import CellKey
from kgrec_gds.evaluation.records import compared_pairs, results
from kgrec_gds.models.delays import HORIZONS


def measured(dataset, offsets, protocol="global"):
    """Cells whose predictions are off by known amounts, by model, seed and horizon."""
    parts = split(dataset.ratings, protocol)
    rating = dataset.ratings.rating[parts.test]
    cells = [
        Cell(
            CellKey(protocol, seed, model),
            {
                horizon: rating + np.float32(offset)
                for horizon, offset in zip(HORIZONS, by_horizon, strict=False)
            },
        )
        for model, seed, by_horizon in offsets
    ]
    return {protocol: Measured(parts, cells, [])}


def differences(found, horizon="at_once"):
    return {
        record["against"]: record["difference"]
        for record in found.comparisons
        if record["segment"] == "all" and record["horizon"] == horizon
    }


@pytest.fixture(scope="module")
def two_models(dataset):
    offsets = [
        ("blend", 0, (1, 2, 3)),
        ("blend", 1, (-1, 2, 3)),
        ("trees_graph", 0, (2, 2, 2)),
        ("trees_graph", 1, (0, 2, 2)),
    ]
    return results(dataset, measured(dataset, offsets), seeds=2)


def test_every_horizon_has_metrics_in_every_segment(two_models):
    found = {
        (record["horizon"], record["segment"]): record["mse"]
        for record in two_models.metrics
        if (record["model"], record["seed"]) == ("blend", 0)
    }
    assert [found[horizon, "all"] for horizon in HORIZONS] == pytest.approx([1, 4, 9])
    segments = {segment for _, segment in found}
    assert {"new_user", "new_movie", "without_heaviest_user"} <= segments
    assert set(found) == {(horizon, segment) for horizon in HORIZONS for segment in segments}


def test_differences_are_of_errors_averaged_over_seeds_at_each_horizon(two_models):
    assert differences(two_models) == {"trees_graph": pytest.approx(1 - (4 + 0) / 2)}
    assert differences(two_models, "month_old") == {"trees_graph": pytest.approx(9 - 4)}
    (record,) = [r for r in two_models.comparisons if (r["horizon"], r["segment"]) == ("at_once", "all")]
    assert (record["low"], record["high"]) == (pytest.approx(-1), pytest.approx(-1))


def test_a_variant_with_fewer_seeds_is_compared_over_the_seeds_of_both(dataset):
    offsets = [
        ("attention_lstm", 0, (1,)),
        ("attention_lstm", 1, (3,)),
        ("attention_lstm:no_graph", 0, (2,)),
        ("global_mean", 0, (4,)),  # deterministic: counts for both seeds
    ]
    found = differences(results(dataset, measured(dataset, offsets), seeds=2))
    assert found["attention_lstm:no_graph"] == pytest.approx(1 - 4)
    assert found["global_mean"] == pytest.approx((1 + 9) / 2 - 16)


def test_an_error_that_does_not_exist_has_a_reason_and_no_comparison(dataset):
    offsets = [("attention_lstm", 0, (1, 1, 1)), ("svd", 0, (2,))]
    found = results(dataset, measured(dataset, offsets, "per-user"), seeds=1)
    assert {(r["model"], r["horizon"]) for r in found.not_measured} == {
        ("svd", "day_old"),
        ("svd", "month_old"),
    }
    assert all("ratings of the last day" in r["reason"] for r in found.not_measured)
    assert differences(found) == {"svd": pytest.approx(1 - 4)}
    assert differences(found, "day_old") == {}


def test_the_share_of_test_ratings_soon_after_the_cut_off_is_counted(two_models, dataset):
    parts = split(dataset.ratings, "global")
    at, last = dataset.ratings.rated_at[parts.test], dataset.ratings.rated_at[parts.test[0] - 1]
    shares = {record["horizon"]: record["share"] for record in two_models.overlap}
    assert shares == {
        "day_old": pytest.approx(np.mean(at <= last + 86_400)),
        "month_old": 1.0,  # all ratings were given within three weeks
    }


def test_the_heaviest_user_is_left_out_in_a_segment(two_models, dataset):
    parts = split(dataset.ratings, "global")
    heaviest = np.bincount(dataset.ratings.user_index[parts.test]).max()
    sizes = {r["segment"]: r["n"] for r in two_models.comparisons}
    assert sizes["without_heaviest_user"] == sizes["all"] - heaviest


def test_an_empty_segment_is_null(two_models):
    empty = [r for r in two_models.metrics if r["n"] == 0]
    assert all(r["mse"] is None for r in empty)
    assert all(r["low"] is None for r in two_models.comparisons if r["n"] == 0)


def test_blend_and_attention_lstm_are_compared_with_every_model():
    assert set(compared_pairs(["blend", "trees", "trees_graph", "attention_lstm"])) == {
        ("blend", "trees"),
        ("blend", "trees_graph"),
        ("blend", "attention_lstm"),
        ("attention_lstm", "blend"),
        ("attention_lstm", "trees"),
        ("attention_lstm", "trees_graph"),
        ("trees_graph", "trees"),
    }
