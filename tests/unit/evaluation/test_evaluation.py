import json
from dataclasses import replace

import numpy as np
import pytest

from kgrec_gds.errors import InputError
from kgrec_gds.evaluation.evaluation_summary import outcome
from kgrec_gds.evaluation.harness import EvaluateSettings, run_cells
from kgrec_gds.evaluation.metrics import mse
from kgrec_gds.evaluation.workers import fill
from kgrec_gds.workflows.evaluate import evaluate

CHEAP = ("global_mean", "biases_static", "biases_causal", "svd")
KEYS = {"model", "protocol", "seed", "segment", "mse", "rmse", "mae", "r2", "evs", "medae", "n"}


@pytest.fixture(scope="module")
def settings():
    return EvaluateSettings(("global", "per-user", "paper"), CHEAP, seeds=2, day_old=True, ranking_users=5)


@pytest.fixture(scope="module")
def done(small_dataset, settings, tmp_path_factory):
    return evaluate(small_dataset, settings, tmp_path_factory.mktemp("report"))


def test_metrics_file_has_a_record_for_each_model_protocol_seed_and_segment(done, settings):
    content = json.loads((done.folder / "metrics.json").read_text())
    assert set(content) == {"metrics", "comparisons"}
    for record in content["metrics"]:
        assert set(record) >= KEYS
    found = {(r["model"], r["protocol"], r["seed"]) for r in content["metrics"] if r["segment"] == "all"}
    assert found == {(m, p, s) for m in CHEAP for p in settings.protocols for s in (0, 1)}
    assert {"new_user", "new_movie", "day_old_history"} <= {r["segment"] for r in content["metrics"]}


def test_a_model_without_chance_runs_once_and_counts_for_every_seed(done):
    names = sorted(path.name for path in (done.folder / "cells" / "global").iterdir())
    assert names == [
        "biases_causal.0.npz",
        "biases_static.0.npz",
        "global_mean.0.npz",
        "svd.0.npz",
        "svd.1.npz",
    ]
    by_seed = {
        r["seed"]: r["mse"]
        for r in done.results.metrics
        if (r["model"], r["protocol"], r["segment"]) == ("biases_static", "global", "all")
    }
    assert by_seed[0] == by_seed[1]


def test_metrics_are_those_of_the_kept_predictions(small_dataset, done, settings):
    part = run_cells(small_dataset, settings, done.folder / "cells")["per-user"]
    rating = small_dataset.ratings.rating[part.split.test]
    for cell in part.cells:
        (record,) = [
            r
            for r in done.results.metrics
            if (r["model"], r["protocol"], r["seed"], r["segment"])
            == (cell.model, "per-user", cell.seed, "all")
        ]
        assert record["mse"] == pytest.approx(mse(rating, cell.predicted))


def test_finished_cells_are_not_made_again_and_a_changed_data_set_is(small_dataset, done, settings):
    folder = done.folder / "cells"
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.npz")}
    run_cells(small_dataset, settings, folder)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.npz")} == before
    ratings = small_dataset.ratings
    other = replace(small_dataset, ratings=replace(ratings, rating=ratings.rating[::-1].copy()))
    one = replace(settings, protocols=("global",), models=("global_mean",))
    run_cells(other, one, folder)
    changed = {path for path in before if path.stat().st_mtime_ns != before[path]}
    assert changed == {folder / "global" / "global_mean.0.npz"}
    run_cells(small_dataset, one, folder)


def test_a_half_written_cell_counts_for_nothing(small_dataset, settings, tmp_path):
    (tmp_path / "global").mkdir()
    (tmp_path / "global" / "global_mean.0.part.npz").write_bytes(b"interrupted")
    one = replace(settings, protocols=("global",), models=("global_mean",))
    (cell,) = run_cells(small_dataset, one, tmp_path)["global"].cells
    assert np.isfinite(cell.predicted).all()


def test_the_page_holds_everything_and_escapes_names(done):
    page = done.page.read_text()
    assert page.count("data:image/png;base64,") >= 9
    for outside in ('src="http', "<script", "<link", "url("):
        assert outside not in page
    assert "Movie <" not in page
    assert "These numbers leak" in page
    assert "Protocol paper: it leaks" in page
    for anchor in ("data", "global", "per-user", "ranking", "audit", "paper", "time"):
        assert f'id="{anchor}"' in page


def test_csv_files_stand_beside_it(done):
    assert {path.name for path in done.folder.glob("*.csv")} == {"metrics.csv", "ranking.csv", "seconds.csv"}
    assert "### Protocol `global`" in (done.folder / "tables.md").read_text()


def test_the_page_tells_the_audit_s_finding_in_words(done):
    page = done.page.read_text()
    assert "Preset default" in page
    assert "all are clean" in page
    assert "user_movie_rating_diff" in page


def test_ranking_counts_the_first_seed_of_global_only(done):
    assert {(r["protocol"], r["seed"]) for r in done.results.ranking} == {("global", 0)}
    assert {r["model"] for r in done.results.ranking} == set(CHEAP)
    assert all(0 <= r["recall"] <= 1 and r["users"] == 5 for r in done.results.ranking)


def test_headline_is_ordered_by_error(done):
    rows = [row for row in outcome(done, {}).models if row["protocol"] == "global"]
    assert [row["mse"] for row in rows] == sorted(row["mse"] for row in rows)
    assert {row["model"]: row["online_history"] for row in rows} == {
        "global_mean": False,
        "biases_static": False,
        "biases_causal": True,
        "svd": False,
    }


def test_processes_side_by_side_give_the_same_numbers(small_dataset, done, settings, tmp_path):
    cells = run_cells(small_dataset, settings, done.folder / "cells")
    fill(small_dataset, settings, tmp_path, workers=2)
    written = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.npz")}
    again = run_cells(small_dataset, settings, tmp_path)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.npz")} == written
    for protocol, part in cells.items():
        for one, other in zip(part.cells, again[protocol].cells, strict=True):
            assert (one.model, one.seed) == (other.model, other.seed)
            assert other.predicted == pytest.approx(one.predicted, abs=1e-5)


def test_unknown_model_is_refused_before_anything_runs(small_dataset, tmp_path):
    with pytest.raises(InputError, match="received 'svdd'"):
        evaluate(small_dataset, EvaluateSettings(models=("global_mean", "svdd")), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_nothing_to_measure_is_refused_before_anything_runs(small_dataset, tmp_path):
    nothing = EvaluateSettings(protocols=("paper",), models=("attention_lstm:no_lstm",))
    with pytest.raises(InputError, match="something to measure"):
        evaluate(small_dataset, nothing, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_files_of_an_earlier_evaluation_do_not_stay(small_dataset, tmp_path):
    twice = EvaluateSettings(models=("global_mean", "biases_static", "global_mean"), seeds=1, audit=False)
    done = evaluate(small_dataset, twice, tmp_path)
    found = {(record["model"], record["segment"]) for record in done.results.metrics}
    assert len(found) == len(done.results.metrics)  # a name that is given twice counts once
    (tmp_path / "comparisons.csv").write_text("of an earlier one")
    evaluate(small_dataset, replace(twice, models=("global_mean",)), tmp_path)
    assert not (tmp_path / "comparisons.csv").exists()
    assert (tmp_path / "index.html").exists()


def test_ratings_of_one_moment_are_refused_before_anything_runs(small_dataset, tmp_path):
    ratings = small_dataset.ratings
    tied = replace(small_dataset, ratings=replace(ratings, rated_at=np.zeros_like(ratings.rated_at)))
    with pytest.raises(InputError, match="Protocol global should find ratings"):
        evaluate(tied, EvaluateSettings(models=("global_mean",)), tmp_path / "out")
    assert not (tmp_path / "out").exists()
