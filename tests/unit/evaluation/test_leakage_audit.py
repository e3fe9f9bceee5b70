from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from kgrec_gds.data.baseline_estimates import baseline_estimates
from kgrec_gds.data.dataset import Dataset, Movies, Ratings, Relation, Vectors
from kgrec_gds.errors import InputError
from kgrec_gds.evaluation.audit_subjects import Subject, columns_of_function, feature_columns, prediction
from kgrec_gds.evaluation.leakage_audit import AuditSettings, audit
from kgrec_gds.features.paper_features import LATER_SNAPSHOTS, paper_features
from kgrec_gds.models.baselines.simple_baselines import BaselineCausal
from kgrec_gds.models.delays import DAY


def frame(dataset: Dataset) -> pd.DataFrame:
    return pd.DataFrame(vars(dataset.ratings))


def copy_of_target(dataset: Dataset) -> dict[str, np.ndarray]:
    return {"planted": dataset.ratings.rating * 0.001}


def whole_history_mean(dataset: Dataset) -> dict[str, np.ndarray]:
    return {"planted": frame(dataset).groupby("user_index").rating.transform("mean")}


def ewma_with_current(dataset: Dataset) -> dict[str, np.ndarray]:
    grouped = frame(dataset).groupby("user_index").rating
    return {"planted": grouped.transform(lambda ratings: ratings.ewm(span=5).mean())}


def future_count(dataset: Dataset) -> dict[str, np.ndarray]:
    grouped = frame(dataset).groupby("movie_index").rating
    return {"planted": grouped.transform("size") - grouped.cumcount() - 1}


def mean_before_in_row_order(dataset: Dataset) -> dict[str, np.ndarray]:
    """A common mistake: "before" by row number, so that ratings with the same time see each other."""
    ratings = frame(dataset).groupby("user_index").rating
    return {"planted": ratings.transform(lambda r: r.expanding().mean().shift().fillna(6.0))}


def mean_of_others(dataset: Dataset) -> dict[str, np.ndarray]:
    """Leave-one-out: without the event's own rating, but with the future."""
    ratings = frame(dataset).groupby("movie_index").rating
    size = ratings.transform("size")
    others = (ratings.transform("sum") - dataset.ratings.rating) / (size - 1).clip(lower=1)
    return {"planted": others}


@pytest.fixture(scope="module")
def with_snapshot(dataset: Dataset) -> Dataset:
    rng = np.random.default_rng(0)
    size = len(dataset.movies)
    movies = replace(
        dataset.movies,
        average_rating=rng.uniform(3, 9, size).astype(np.float32),
        num_votes=rng.integers(5, 9000, size).astype(np.float32),
    )
    return replace(dataset, movies=movies)


def audit_function(dataset: Dataset, function, later_snapshots=()) -> list:
    return audit(dataset, [columns_of_function(dataset, function, later_snapshots)])


@pytest.mark.parametrize(
    ("function", "verdict"),
    [
        (copy_of_target, "contains_target"),
        (whole_history_mean, "contains_target"),
        (ewma_with_current, "contains_target"),
        (future_count, "sees_future"),
        (mean_of_others, "sees_future"),
    ],
)
def test_planted_leaks_are_found(dataset, function, verdict) -> None:
    (finding,) = audit_function(dataset, function)
    assert (finding.name, finding.verdict) == ("planted", verdict)
    assert finding.largest_change > 1e-4


def test_ratings_with_the_same_time_that_see_each_other_are_found(dataset) -> None:
    ratings = dataset.ratings
    tied = replace(ratings, rated_at=ratings.rated_at // 500_000 * 500_000).in_order()
    with_ties = replace(dataset, ratings=tied)
    assert audit_function(with_ties, mean_before_in_row_order)[0].verdict == "sees_future"
    assert {found.verdict for found in audit(with_ties, [feature_columns(with_ties)])} == {"clean"}


def test_the_features_of_the_models_are_clean(with_snapshot) -> None:
    subject = feature_columns(with_snapshot)
    findings = audit(with_snapshot, [subject])
    assert [found for found in findings if found.verdict != "clean"] == []
    assert tuple(found.name for found in findings) == subject.names


def test_each_published_feature_gets_its_verdict(with_snapshot) -> None:
    findings = audit_function(with_snapshot, paper_features, LATER_SNAPSHOTS)
    verdicts = {found.name: found.verdict for found in findings}
    containing = (
        "user_rating_mean", "user_rating_std", "movie_rating_mean", "user_genre_avg_rating", "user_rating_ewma",
        "movie_rating_ewma", "user_movie_rating_diff",
    )  # fmt: skip
    expected = dict.fromkeys(containing, "contains_target")
    expected |= dict.fromkeys(("user_rating_count", "movie_rating_count"), "sees_future")
    expected |= dict.fromkeys(LATER_SNAPSHOTS, "later_snapshot")
    assert {name: verdicts.pop(name) for name in expected} == expected
    assert set(verdicts.values()) == {"clean"}


def test_a_column_declared_as_later_snapshot_is_one_even_if_it_does_not_change(dataset) -> None:
    def features(data: Dataset) -> pd.DataFrame:
        return pd.DataFrame({"votes": np.full(len(data.ratings), 7.0)})

    assert audit_function(dataset, features)[0].verdict == "clean"
    features.later_snapshots = ("votes",)
    assert audit_function(dataset, features)[0].verdict == "later_snapshot"


class Leaking(BaselineCausal):
    """The baseline estimate with a little of the user's mean over the whole history."""

    def predict_residual(self, dataset, queries):
        users = len(dataset.user_ids)
        total = np.bincount(dataset.ratings.user_index, dataset.ratings.rating, users)
        count = np.bincount(dataset.ratings.user_index, minlength=users)
        return 0.05 * (total / np.maximum(count, 1))[queries.user_index]


def test_predictions_are_audited_end_to_end(dataset) -> None:
    clean, leaking = audit(
        dataset, [prediction(BaselineCausal(), "baseline_causal"), prediction(Leaking(), "leaking")]
    )
    assert (clean.name, clean.verdict) == ("prediction of baseline_causal", "clean")
    assert leaking.verdict != "clean"


def test_a_column_that_reads_the_last_day_of_an_old_history_is_found(dataset) -> None:
    """It is clean at once, but ignores that the history ends a day earlier."""

    def estimate(data, queries, _rows):
        return baseline_estimates(data, queries.delayed(0)).total[:, None]

    at_once = Subject(("estimate",), estimate, delays=(0,))
    with_delay = replace(at_once, delays=(0, DAY))
    assert [found.verdict for found in audit(dataset, [at_once])] == ["clean"]
    assert [found.verdict for found in audit(dataset, [with_delay])] != ["clean"]


def test_a_value_that_exists_only_with_the_future_is_found(dataset) -> None:
    def next_gap(dataset: Dataset) -> dict[str, np.ndarray]:
        return {"planted": frame(dataset).groupby("user_index").rated_at.diff(-1)}

    assert audit_function(dataset, next_gap)[0].verdict == "sees_future"


@pytest.mark.parametrize(
    "features", [lambda _: {"text": np.array(["a"])}, lambda _: {"short": np.zeros(3)}], ids=["text", "short"]
)
def test_columns_that_are_not_numbers_by_event_are_refused(dataset, features) -> None:
    with pytest.raises(InputError, match="one row an event"):
        audit_function(dataset, features)


@pytest.mark.parametrize("given", [None, np.zeros((3, 2)), [1, 2]])
def test_features_without_names_are_refused(dataset, given) -> None:
    with pytest.raises(InputError, match="columns by name"):
        audit_function(dataset, lambda _: given)


def real_dataset(folder, ratings: int) -> Dataset:
    """The first ratings of a real data set, straight from its files."""
    basics = pd.read_csv(folder / "title.basics.tsv.gz", sep="\t", quoting=3, dtype=str, na_values="\\N")
    basics = basics[basics.startYear.notna()].sort_values("tconst", ignore_index=True)
    row = pd.Series(np.arange(1, len(basics) + 1), index=basics.tconst)
    log = pd.read_csv(folder / "user_rating.csv.gz", dtype={"userID": str}, parse_dates=["review_date"])
    log = log[log.tconst.isin(row.index) & log.rating.between(1, 10)].drop_duplicates(
        ["userID", "tconst"], keep="last"
    )
    log["at"] = log.review_date.map(lambda date: int(date.timestamp()))
    log["user"] = pd.factorize(log.userID, sort=True)[0] + 1
    log["movie"] = row[log.tconst].to_numpy()
    log = log.sort_values(["at", "user", "movie"])[:ratings]
    crew = pd.read_csv(folder / "title.crew.tsv.gz", sep="\t", dtype=str, na_values="\\N").set_index("tconst")

    def facts(lists: pd.Series) -> Relation:
        lists = lists.fillna("").str.split(",").map(lambda keys: [key for key in keys if key])
        keys = np.array(["", *sorted({key for each in lists for key in each})], object)
        number = {key: index for index, key in enumerate(keys)}
        indices = np.array([number[key] for each in lists for key in each], np.int32)
        return Relation(keys, np.cumsum([0, 0, *lists.map(len)]), indices)

    def numbers(values: pd.Series) -> np.ndarray:
        return np.append(np.nan, values.astype(float)).astype(np.float32)

    titles = np.append("", basics.tconst.to_numpy(object))
    nothing = np.full(len(titles), np.nan, np.float32)
    relations = {"directors": facts(crew.directors.reindex(basics.tconst)), "genres": facts(basics.genres)}
    movies = Movies(titles, titles, numbers(basics.startYear), nothing, nothing, relations)
    generator = np.random.default_rng(0)
    vectors = Vectors("fastrp", generator.normal(size=(len(titles), 16)).astype(np.float32), {})
    events = Ratings(log.user.to_numpy(np.int32), log.movie.to_numpy(np.int32),
                     log.rating.to_numpy(np.float32), log["at"].to_numpy(np.int64))  # fmt: skip
    users = np.arange(log.user.max() + 1).astype(str).astype(object)
    return Dataset(users, movies, events, vectors)


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["movielens", "movietweetings"])
def test_the_features_of_the_models_are_clean_on_real_data(shared_data, name: str) -> None:
    dataset = real_dataset(shared_data / name, 20_000)
    few = AuditSettings(targets=4)
    findings = audit(dataset, [feature_columns(dataset)], few)
    assert [found for found in findings if found.verdict != "clean"] == []
    leaks = {f.name: f.verdict for f in audit(dataset, [columns_of_function(dataset, paper_features)], few)}
    assert leaks["user_movie_rating_diff"] == "contains_target"
    assert leaks["movie_rating_count"] == "sees_future"
