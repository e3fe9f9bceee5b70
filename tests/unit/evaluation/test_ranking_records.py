import numpy as np
import pytest

from kgrec_gds.data.splits import split
from kgrec_gds.evaluation.ranking_cases import best_of, evaluated_cases, predicted_ratings
from kgrec_gds.evaluation.ranking_models import RANKING_MODELS, FittedRankings, can_measure
from kgrec_gds.evaluation.ranking_records import ranking_records
from kgrec_gds.evaluation.ranking_run import run_rankings
from kgrec_gds.models.registry import build


@pytest.fixture(scope="module")
def parts(dataset):
    return split(dataset.ratings, "global")


@pytest.fixture(scope="module")
def kinds(dataset, parts):
    return evaluated_cases(dataset, parts, 5)


@pytest.fixture(scope="module")
def ranked(dataset, parts, kinds, tmp_path_factory):
    return run_rankings(dataset, parts, kinds, tmp_path_factory.mktemp("cells"), shown=False)


def test_no_list_holds_a_movie_that_was_rated_before_or_one_twice(dataset, ranked):
    ratings = dataset.ratings
    for each in ranked:
        cases = each.cases.cases
        for row, found in zip(each.rows, each.lists, strict=True):
            listed = found[found > 0].tolist()
            before = (ratings.user_index == cases.user_index[row]) & (ratings.rated_at < cases.at[row])
            assert len(set(listed)) == len(listed)
            assert set(listed).isdisjoint(ratings.movie_index[before].tolist())


def test_every_model_is_measured_in_both_kinds_and_readings(dataset, ranked):
    records, segments, comparisons = ranking_records(dataset, ranked)
    models = [name for name in RANKING_MODELS if can_measure(name)]
    found = {(each["model"], each["cases"], each["relevant"]) for each in records}
    assert found == {
        (model, kind, how) for model in models for kind in ("midpoint", "day") for how in ("any", "liked")
    }
    for each in records:
        assert all(0 <= each[name] <= 1 for name in ("ndcg", "recall", "hit_rate", "mrr", "coverage"))
        assert each["ndcg_low"] <= each["ndcg"] <= each["ndcg_high"]
    assert {each["segment"] for each in segments} <= {"new_user", "history_1", "history_10", "history_100"}
    pairs = {(each["model"], each["against"]) for each in comparisons}
    assert ("ranking", "popular_365") in pairs
    assert all(each["model"] != each["against"] for each in comparisons)


def test_finished_lists_are_read_and_those_of_other_data_are_made_again(dataset, parts, kinds, tmp_path):
    run_rankings(dataset, parts, kinds, tmp_path, shown=False)
    times = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.npz")}
    assert len(times) == sum(map(can_measure, RANKING_MODELS))
    run_rankings(dataset, parts, kinds, tmp_path, shown=False)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.npz")} == times


def test_last_year_s_popularity_counts_every_rating_of_it_alike(dataset, parts, kinds):
    cases = kinds[0].cases
    lists = FittedRankings(dataset, parts, 0).lists("popular_365", cases)
    ratings, year = dataset.ratings, 365 * 86_400
    for found, user, at in zip(lists, cases.user_index, cases.at, strict=True):
        counts = np.bincount(
            ratings.movie_index[(ratings.rated_at < at) & (ratings.rated_at >= at - year)],
            minlength=len(dataset.movies),
        )
        counts[ratings.movie_index[(ratings.user_index == user) & (ratings.rated_at < at)]] = 0
        assert (counts[found[found > 0]] == np.sort(counts[1:])[::-1][: (found > 0).sum()]).all()


def test_rating_models_are_ordered_by_predicted_rating(dataset, parts, kinds):
    model = build("baseline_causal").fit(dataset, parts, 0)
    cases = kinds[0].cases.take(kinds[0].sampled)
    values = predicted_ratings(model, dataset, cases)
    for own, found in zip(values, best_of(dataset, values), strict=True):
        free = np.isfinite(own)
        assert (own[found[found > 0]] == np.sort(own[free])[::-1][: (found > 0).sum()]).all()
