import pytest

from kgrec_gds.evaluation.records import Results
from kgrec_gds.evaluation.report.reading import reading
from kgrec_gds.models.delays import HORIZONS


@pytest.fixture
def results():
    errors = {"blend": (1.0, 2.0, 3.0), "trees_graph": (1.1, 1.9, 3.1), "svd": (2.0,)}
    metrics = [
        {"model": model, "protocol": "per-user", "seed": 0, "horizon": horizon, "segment": "all", "mse": mse}
        | dict.fromkeys(("rmse", "mae", "r2", "evs", "medae"), 1.0)
        for model, values in errors.items()
        for horizon, mse in zip(HORIZONS, values, strict=False)
    ]
    pair = {"model": "blend", "against": "trees_graph", "protocol": "per-user", "segment": "all", "n": 9}
    interval = {"difference": -0.1, "low": -0.2, "high": -0.05}
    compared = [pair | interval | {"horizon": horizon} for horizon in HORIZONS]
    missing = [
        {"model": "svd", "protocol": "per-user", "horizon": horizon, "reason": "parameters know them"}
        for horizon in ("day_old", "month_old")
    ]
    overlap = [{"protocol": "global", "horizon": "day_old", "share": 0.012}]
    return Results(metrics, compared, missing, overlap, [], [], [], [])


def test_the_reading_names_the_best_models_the_differences_and_what_is_missing(results):
    assert reading(results, ["per-user"]) == [
        "Lowest error under per-user: blend at once (1.000), trees_graph a day old (1.900), blend a month old (3.000).",
        "blend minus trees_graph under per-user: at once -0.100 [-0.200, -0.050] better; a day old -0.100 [-0.200, "
        "-0.050] better; a month old -0.100 [-0.200, -0.050] better.",
        "Under global, 1.2% (a day old) of the test ratings follow so soon after the cut-off that training has seen "
        "ratings later than their history. This favours svd, whose user parameters know these ratings.",
        "No error with an old history under per-user (svd): parameters know them.",
    ]
