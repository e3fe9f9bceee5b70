"""The audit finds what is planted, and nothing where there is nothing."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from kgrec_gds.data.dataset import Dataset, Facts, Movies, Ratings, Vectors
from kgrec_gds.errors import InputError
from kgrec_gds.evaluation.leakage_audit import AuditSettings, audit
from kgrec_gds.features.paper_features import LATER_SNAPSHOTS, paper_features
from kgrec_gds.features.table import causal_features
from kgrec_gds.workflows.audit import feature_function, run_audit


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
    """The common mistake: "before" by row number, so that ratings of the same moment see each other."""
    ratings = frame(dataset).groupby("user_index").rating
    return {"planted": ratings.transform(lambda r: r.expanding().mean().shift().fillna(6.0))}


def mean_of_others(dataset: Dataset) -> dict[str, np.ndarray]:
    """Leave-one-out: without its own rating, and still with the future's."""
    ratings = frame(dataset).groupby("movie_index").rating
    size = ratings.transform("size")
    others = (ratings.transform("sum") - dataset.ratings.rating) / (size - 1).clip(lower=1)
    return {"planted": others}


@pytest.fixture(scope="module")
def snapshot_dataset(small_dataset: Dataset) -> Dataset:
    generator = np.random.default_rng(0)
    size = len(small_dataset.movies)
    movies = replace(
        small_dataset.movies,
        average_rating=generator.uniform(3, 9, size).astype(np.float32),
        num_votes=generator.integers(5, 9000, size).astype(np.float32),
    )
    vectors = Vectors("fastrp", generator.normal(size=(size, 8)).astype(np.float32), {})
    return replace(small_dataset, movies=movies, vectors=vectors)


@pytest.mark.parametrize(
    ("features", "verdict"),
    [
        (copy_of_target, "contains_target"),
        (whole_history_mean, "contains_target"),
        (ewma_with_current, "contains_target"),
        (future_count, "sees_future"),
        (mean_of_others, "sees_future"),
    ],
)
def test_planted_leaks_are_found(small_dataset, features, verdict) -> None:
    (finding,) = audit(small_dataset, features)
    assert (finding.name, finding.verdict) == ("planted", verdict)
    assert finding.largest_change > 1e-4


def test_ties_that_see_each_other_are_found(small_dataset) -> None:
    ratings = small_dataset.ratings
    tied = replace(small_dataset, ratings=replace(ratings, rated_at=ratings.rated_at // 500_000 * 500_000))
    order = np.lexsort((tied.ratings.movie_index, tied.ratings.user_index, tied.ratings.rated_at))
    tied = replace(tied, ratings=tied.ratings.take(order))
    assert audit(tied, mean_before_in_row_order)[0].verdict == "sees_future"
    assert {finding.verdict for finding in audit(tied, causal_features)} == {"clean"}


def test_the_default_preset_is_clean(snapshot_dataset) -> None:
    findings = audit(snapshot_dataset, causal_features)
    assert [f for f in findings if f.verdict != "clean"] == []
    assert {f.name for f in findings} >= {"bias", "graph_own_director_residual", "graph_near2_residual"}


def test_the_paper_preset_is_named_feature_by_feature(snapshot_dataset) -> None:
    verdicts = {
        f.name: f.verdict for f in audit(snapshot_dataset, paper_features, later_snapshots=LATER_SNAPSHOTS)
    }
    containing = (
        "user_rating_mean", "user_rating_std", "movie_rating_mean", "user_genre_avg_rating", "user_rating_ewma",
        "movie_rating_ewma", "user_movie_rating_diff",
    )  # fmt: skip
    expected = dict.fromkeys(containing, "contains_target")
    expected |= dict.fromkeys(("user_rating_count", "movie_rating_count"), "sees_future")
    expected |= dict.fromkeys(LATER_SNAPSHOTS, "later_snapshot")
    assert {name: verdicts.pop(name) for name in expected} == expected
    assert set(verdicts.values()) == {"clean"}


def test_a_declared_later_snapshot_stays_one_even_where_nothing_moves(small_dataset) -> None:
    def features(dataset: Dataset) -> pd.DataFrame:
        return pd.DataFrame({"votes": np.full(len(dataset.ratings), 7.0)})

    assert audit(small_dataset, features)[0].verdict == "clean"
    features.later_snapshots = ("votes",)
    assert audit(small_dataset, features)[0].verdict == "later_snapshot"


def test_the_last_row_is_the_model_end_to_end(small_dataset) -> None:
    def honest(dataset: Dataset, events: np.ndarray) -> np.ndarray:
        return causal_features(dataset).column("bias")[events]

    def leaking(dataset: Dataset, events: np.ndarray) -> np.ndarray:
        return honest(dataset, events) + 0.05 * whole_history_mean(dataset)["planted"].to_numpy()[events]

    few = AuditSettings(rows=50)
    clean = audit(small_dataset, copy_of_target, predict=honest, settings=few)[-1]
    assert (clean.name, clean.verdict) == ("prediction", "clean")
    assert audit(small_dataset, copy_of_target, predict=leaking, settings=few)[-1].verdict != "clean"


def test_a_feature_that_appears_with_the_future_has_moved(small_dataset) -> None:
    def next_gap(dataset: Dataset) -> dict[str, np.ndarray]:
        return {"planted": frame(dataset).groupby("user_index").rated_at.diff(-1)}

    assert audit(small_dataset, next_gap)[0].verdict == "sees_future"


@pytest.mark.parametrize(
    "features", [lambda _: {"text": np.array(["a"])}, lambda _: {"short": np.zeros(3)}], ids=["text", "short"]
)
def test_what_is_no_table_of_numbers_is_refused(small_dataset, features) -> None:
    with pytest.raises(InputError, match="one row an event"):
        audit(small_dataset, features)


@pytest.mark.parametrize("given", [None, np.zeros((3, 2)), [1, 2]])
def test_what_has_no_names_is_refused(small_dataset, given) -> None:
    with pytest.raises(InputError, match="columns by name"):
        audit(small_dataset, lambda _: given)


def test_without_ratings_there_is_nothing_to_audit(small_dataset) -> None:
    nothing = replace(small_dataset, ratings=small_dataset.ratings.take(np.arange(0)))
    with pytest.raises(InputError, match="needs ratings"):
        run_audit(nothing, "default")


def test_a_module_that_cannot_be_read_is_refused_with_its_reason(tmp_path, monkeypatch) -> None:
    (tmp_path / "my_broken_features.py").write_text("def make(dataset:\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="SyntaxError"):
        feature_function("default", "my_broken_features:make")


@pytest.mark.parametrize("own", ["no_colon", "kgrec_gds.absent:make", "kgrec_gds.features.paper_features:absent",
                                 "kgrec_gds.features.paper_features:LATER_SNAPSHOTS"])  # fmt: skip
def test_a_feature_function_that_is_none_is_refused_with_a_reason(own: str) -> None:
    with pytest.raises(InputError, match="--features should"):
        feature_function("default", own)


def test_an_own_feature_function_is_found_beside_the_working_directory(tmp_path, monkeypatch) -> None:
    (tmp_path / "my_audit_features.py").write_text(
        "def make(dataset):\n    return {'one': dataset.ratings.rating}\n"
    )
    monkeypatch.chdir(tmp_path)
    function, _ = feature_function("default", "my_audit_features:make")
    assert callable(function)


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

    def facts(lists: pd.Series) -> Facts:
        lists = lists.fillna("").str.split(",").map(lambda keys: [key for key in keys if key])
        keys = np.array(["", *sorted({key for each in lists for key in each})], object)
        number = {key: index for index, key in enumerate(keys)}
        indices = np.array([number[key] for each in lists for key in each], np.int32)
        return Facts(keys, np.cumsum([0, 0, *lists.map(len)]), indices)

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
def test_the_default_preset_is_clean_on_real_data(shared_data, name: str) -> None:
    dataset = real_dataset(shared_data / name, 20_000)
    findings = audit(dataset, causal_features, settings=AuditSettings(targets=4))
    assert [f for f in findings if f.verdict != "clean"] == []
    leaks = {f.name: f.verdict for f in audit(dataset, paper_features, settings=AuditSettings(targets=4))}
    assert leaks["user_movie_rating_diff"] == "contains_target"
    assert leaks["movie_rating_count"] == "sees_future"
