import json
from dataclasses import replace

import numpy as np
import pytest

from kgrec_gds.errors import InputError
from kgrec_gds.evaluation.evaluation_summary import as_table
from kgrec_gds.evaluation.plan import EvaluateSettings
from kgrec_gds.models.delays import HORIZONS
from kgrec_gds.workflows.evaluate import evaluate_dataset

MODELS = ("baseline_static", "global_mean", "baseline_causal", "svd")
SETTINGS = EvaluateSettings(("global", "per-user", "paper"), MODELS, seeds=2, ranking_users=5, audit=False)


@pytest.fixture(scope="module")
def titled(dataset):
    """Movies whose titles look like HTML."""
    title = np.array([f"Movie <{number}>" for number in range(len(dataset.movies))], object)
    return replace(dataset, movies=replace(dataset.movies, title=title))


@pytest.fixture(scope="module")
def done(titled, tmp_path_factory):
    return evaluate_dataset(titled, SETTINGS, tmp_path_factory.mktemp("report"))


def test_the_metrics_file_holds_every_model_protocol_seed_and_horizon(done):
    content = json.loads(done.page.with_name("metrics.json").read_text())
    assert set(content) == {
        *("metrics", "comparisons", "not_measured", "overlap"),
        *("ranking", "ranking_segments", "ranking_comparisons"),
    }
    keys = {
        "model",
        "protocol",
        "seed",
        "horizon",
        "segment",
        "mse",
        "rmse",
        "mae",
        "r2",
        "evs",
        "medae",
        "n",
    }
    assert all(set(record) == keys | {"online_history"} for record in content["metrics"])
    measured = {(r["model"], r["protocol"], r["seed"], r["horizon"]) for r in content["metrics"]}
    missing = {(r["model"], r["protocol"], r["horizon"]) for r in content["not_measured"]}
    for model in MODELS:
        for protocol in SETTINGS.protocols:
            for seed in range(2):
                for horizon in HORIZONS:
                    found = (model, protocol, seed, horizon) in measured
                    assert found != ((model, protocol, horizon) in missing)
    assert ("svd", "per-user", "day_old") in missing
    assert ("svd", "global", "day_old") not in missing


def test_the_headline_has_three_errors_a_model_and_the_lowest_first(done):
    rows = [row for row in done.models if row["protocol"] == "per-user"]
    errors = [row["at_once"]["mse"] for row in rows]
    assert errors == sorted(errors)
    by_model = {row["model"]: row for row in rows}
    assert set(by_model["baseline_causal"]["month_old"]) == {"mse", "rmse", "mae"}
    assert by_model["svd"]["month_old"] is None
    assert not by_model["svd"]["online_history"]
    assert as_table(done.models).row_count == len(MODELS) * len(SETTINGS.protocols)


def test_the_page_leads_with_the_result_and_is_self_contained(done):
    page = done.page.read_text()
    assert page.index('id="result"') < page.index('id="global"') < page.index('id="data"')
    for anchor in ("result", "global", "per-user", "ranking", "paper", "data", "time"):
        assert f'id="{anchor}"' in page
    assert page.count("data:image/png;base64,") >= 9
    for outside in ('src="http', "<script", "<link", "url("):
        assert outside not in page
    assert "Movie <" not in page


def test_the_page_says_why_an_error_is_missing_and_that_the_paper_s_numbers_leak(done):
    page = done.page.read_text()
    assert "user parameters were fitted on" in page
    assert "Protocol paper: it leaks" in page
    assert "These numbers leak" in page


def test_tables_stand_beside_the_page(done):
    names = {path.name for path in done.files}
    assert names == {
        "metrics.json", "metrics.csv", "not_measured.csv", "overlap.csv", "ranking.csv",
        "ranking_segments.csv", "ranking_comparisons.csv", "seconds.csv", "tables.md", "index.html",
    }  # fmt: skip
    tables = done.page.with_name("tables.md").read_text()
    assert tables.startswith("## Result")
    assert (
        "| model | global, at once | global, a day old | global, a month old | per-user, at once |" in tables
    )
    first = next(line for line in tables.splitlines() if line.startswith("| svd |"))
    assert first.endswith("| - | - |")


def test_ranking_scores_lie_between_0_and_1(done):
    models = {record["model"] for record in done.results.ranking}
    assert {"ranking", "popular_365", "popular_decay", "ease", "item_knn"} <= models
    assert models.isdisjoint(MODELS), "only the models that the report orders by predicted rating"
    assert all(0 <= record["recall"] <= 1 and record["users"] for record in done.results.ranking)


def test_the_audit_is_a_section_of_the_report_with_predictions_as_last_rows(dataset, tmp_path):
    one = EvaluateSettings(("global",), ("global_mean",), seeds=1, ranking_users=0)
    page = evaluate_dataset(dataset, one, tmp_path).page.read_text()
    assert "all are clean" in page
    assert "prediction of attention_lstm" in page
    assert "user_movie_rating_diff" in page


def test_files_of_an_earlier_evaluation_are_removed(dataset, tmp_path):
    (tmp_path / "comparisons.csv").write_text("of an earlier one")
    one = EvaluateSettings(("global",), ("global_mean",), seeds=1, ranking_users=0, audit=False)
    evaluate_dataset(dataset, one, tmp_path)
    assert not (tmp_path / "comparisons.csv").exists()
    assert (tmp_path / "index.html").exists()


def test_an_unknown_model_is_refused_before_anything_is_written(dataset, tmp_path):
    with pytest.raises(InputError, match="Unknown model 'svdd'"):
        evaluate_dataset(dataset, EvaluateSettings(models=("svdd",)), tmp_path / "out")
    assert not (tmp_path / "out").exists()
