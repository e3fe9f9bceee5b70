import numpy as np
import pytest

from kgrec_gds.data.splits import split
from kgrec_gds.evaluation.cells import Cell
from kgrec_gds.evaluation.harness import Measured
from kgrec_gds.evaluation.records import compared_pairs, results
from kgrec_gds.evaluation.report.report_tables import by_model, differences, verdict


@pytest.fixture(scope="module")
def found(small_dataset):
    """Two models with known errors: `default` is off by 1 everywhere, `trees_graph` by 2 and 0 in its two seeds."""
    parts = split(small_dataset.ratings, "global")
    rating = small_dataset.ratings.rating[parts.test]

    def cell(model, seed, offset):
        return Cell(model, "global", seed, True, rating + np.float32(offset))  # positional field

    cells = [
        cell("default", 0, 1),
        cell("default", 1, -1),
        cell("trees_graph", 0, 2),
        cell("trees_graph", 1, 0),
    ]
    return results(small_dataset, {"global": Measured(parts, cells, [])}, seeds=2)


def test_differences_are_of_errors_averaged_over_seeds(found):
    (record,) = [r for r in found.comparisons if r["segment"] == "all"]
    assert (record["model"], record["against"]) == ("default", "trees_graph")
    assert record["difference"] == pytest.approx(1 - (4 + 0) / 2)
    assert record["low"] == pytest.approx(-1)
    assert record["high"] == pytest.approx(-1)
    assert verdict(record) == "better"


def test_an_ablation_with_fewer_seeds_is_compared_with_the_same_seeds_of_the_whole(small_dataset):
    parts = split(small_dataset.ratings, "global")
    rating = small_dataset.ratings.rating[parts.test]
    cells = [
        Cell(model, "global", seed, True, rating + np.float32(offset))
        for model, seed, offset in [
            ("attention_lstm", 0, 1),
            ("attention_lstm", 1, 3),
            ("attention_lstm:no_graph", 0, 2),
            ("global_mean", 0, 4),  # stands for both seeds
        ]
    ]
    found = results(small_dataset, {"global": Measured(parts, cells, [])}, seeds=2)
    apart = {r["against"]: r["difference"] for r in found.comparisons if r["segment"] == "all"}
    assert apart["attention_lstm:no_graph"] == pytest.approx(1 - 4)
    assert apart["global_mean"] == pytest.approx((1 + 9) / 2 - 16)


def test_the_heaviest_user_is_left_out_once(found, small_dataset):
    parts = split(small_dataset.ratings, "global")
    heaviest = np.bincount(small_dataset.ratings.user_index[parts.test]).max()
    sizes = {r["segment"]: r["n"] for r in found.comparisons}
    assert sizes["without_heaviest_user"] == sizes["all"] - heaviest


def test_an_empty_segment_is_null_not_nan(found):
    empty = [r for r in found.metrics if r["n"] == 0]
    assert all(r["mse"] is None for r in empty)
    assert all(r["low"] is None for r in found.comparisons if r["n"] == 0)


def test_tables_show_means_over_seeds(found):
    table = by_model(found.metrics, "global")
    assert list(table.index) == ["default", "trees_graph"]
    assert table.loc["trees_graph", "MSE"] == pytest.approx(2)
    assert table.loc["trees_graph", "spread"] == pytest.approx(2)
    shown = differences(found.comparisons, "global", ["all"])
    assert shown.loc[0, "95 % interval"] == "[-1.000, -1.000]"


@pytest.mark.parametrize(
    ("low", "high", "says"), [(-2, -1, "better"), (1, 2, "worse"), (-1, 1, "not shown to differ")]
)
def test_verdict(low, high, says):
    assert verdict({"low": low, "high": high}) == says


def test_pairs():
    models = ["default", "trees", "trees_graph", "attention_lstm"]
    assert set(compared_pairs(models)) == {
        ("default", "trees"),
        ("default", "trees_graph"),
        ("default", "attention_lstm"),
        ("attention_lstm", "default"),
        ("attention_lstm", "trees"),
        ("attention_lstm", "trees_graph"),
        ("trees_graph", "trees"),
    }
