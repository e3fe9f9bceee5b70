"""Predictions as Parquet files and as CSV keep every value."""

import csv
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from pyarrow import parquet

from kgrec_gds.database.connection import Address
from kgrec_gds.errors import InputError, ModelRunError
from kgrec_gds.serving.prediction_files import PredictionFiles
from kgrec_gds.serving.prediction_table import to_table, write_csv_file
from kgrec_gds.serving.predictions import Predictions, ScoreParts
from kgrec_gds.serving.spark_predictions import SparkPredictions, _Job, _reason, read_shards
from kgrec_gds.serving.write_predictions import _user_rows


@pytest.fixture
def predictions() -> Predictions:
    """A predicted test rating, a recommendation with reasons, and one without reasons and attention."""
    parts = np.full(3, None, object)
    parts[1:] = [
        ScoreParts(["tt1", "tt2"], [0.1, 1 / 3], [], [], 0.5, -0.25),
        ScoreParts([], [], [], [], 0.0, 0.0),
    ]
    return Predictions(
        user_ids=np.array(['a "b", c', 'a "b", c', "2"], object),
        tconsts=np.array(["tt3", "tt4", "tt5"], object),
        rating=np.array([7.1, 8, 1], np.float32),
        rank=np.array([0, 1, 1], np.int32),
        score=np.array([np.nan, 0.1 + 0.2, 0]),
        parts=parts,
        attention_movies=np.array([["tt1", "tt2"], ["", "tt1"], ["", ""]], object),
        attention_weights=np.array([[0.1, 0.9], [0, 1], [0, 0]], np.float32),
    )


def test_parquet_files_are_read_back_in_order_as_the_same_rows(
    predictions: Predictions, tmp_path: Path
) -> None:
    blocks = [predictions.take(slice(2)), predictions.take(slice(0)), predictions.take(slice(2, 3))]
    paths = [tmp_path / f"{number}.parquet" for number in range(3)]
    for block, path in zip(blocks, paths, strict=True):
        parquet.write_table(to_table(block), path)
    for block, read in zip(blocks, read_shards(paths), strict=True):
        assert list(_user_rows(read, {})) == list(_user_rows(block, {}))


@pytest.mark.parametrize(
    ("uri", "master", "reached"),
    [
        ("bolt://127.0.0.1:7687", "local[*]", True),
        ("bolt://localhost:7687", "local-cluster[2,1,1024]", True),
        ("bolt://localhost:7687", "yarn", False),
        ("bolt://[::1]:7687", "spark://head:7077", False),
        ("neo4j+s://graph.example:7687", "yarn", True),
    ],
)
def test_executors_elsewhere_do_not_reach_a_database_of_this_machine_alone(
    tmp_path: Path, uri: str, master: str, reached: bool
) -> None:
    session = SimpleNamespace(conf={"spark.master": master})
    predictions = SparkPredictions(_Job(tmp_path, tmp_path, 10, 100), [], session)
    assert predictions.reaches(Address(uri)) is reached


def test_csv_has_what_the_graph_stores(predictions: Predictions, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    blocks = (predictions.take(slice(begin, begin + 2)) for begin in (0, 2))
    counts = write_csv_file(blocks, path, "m", predicted_at=9, histories={"2": "1 1000 5"})
    assert counts == (3, 2)
    assert [it.name for it in tmp_path.iterdir()] == ["p.csv"]
    with path.open(newline="") as file:
        given, best, bare = csv.DictReader(file)
    assert (best[":START_ID(User)"], best[":END_ID(Movie)"], best["modelId:string"]) == (
        'a "b", c',
        "tt4",
        "m",
    )
    assert float(given["rating:double"]) == float(np.float32(7.1))
    assert given["rank:long"] == given["score:double"] == given["reasonMovies:string[]"] == ""
    assert (best["rank:long"], float(best["score:double"])) == ("1", 0.1 + 0.2)
    assert best["reasonMovies:string[]"] == "tt1;tt2"
    assert [float(part) for part in best["reasonMovieParts:double[]"].split(";")] == [0.1, 1 / 3]
    assert [float(part) for part in given["attentionWeights:double[]"].split(";")] == np.float32(
        [0.1, 0.9]
    ).tolist()
    assert (given["history:string"], bare["history:string"], bare["predictedAt:long"]) == (
        "",
        "1 1000 5",
        "9",
    )


def test_only_a_folder_of_predictions_is_written_and_only_a_complete_one_read(tmp_path: Path) -> None:
    PredictionFiles.check_place(tmp_path / "new")
    with pytest.raises(InputError, match="holds no complete predictions"):
        PredictionFiles.open(tmp_path / "new")
    (tmp_path / "new" / "predicted_rating.csv.part").touch()  # of an interrupted run
    PredictionFiles.check_place(tmp_path / "new")
    (tmp_path / "new" / "notes.txt").touch()
    with pytest.raises(InputError, match=r"other than predictions, such as notes\.txt"):
        PredictionFiles.check_place(tmp_path / "new")
    with pytest.raises(InputError, match="Cannot write"):
        PredictionFiles.check_place(tmp_path / "new" / "notes.txt")


def test_the_predictions_of_a_run_that_is_not_here_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KGREC_HOME", str(tmp_path / "home"))
    (tmp_path / "predictions.json").write_text('{"model_id": "elsewhere", "predictions_written": 1}')
    with pytest.raises(ModelRunError, match="Unknown model run 'elsewhere'"):
        PredictionFiles.open(tmp_path)


def test_a_failed_job_says_what_failed_in_the_executor() -> None:
    trace = """Job aborted due to stage failure: Task 0 in stage 0.0 failed 4 times
pyspark.errors.exceptions.base.PythonException: Traceback (most recent call last):
  File "spark_predictions.py", line 60, in predicted
kgrec_gds.errors.ModelRunError: An executor does not find /home/x; expected it.

\tat org.apache.spark.api.python.BasePythonRunner (PythonRunner.scala:1)
"""
    assert _reason(trace) == "An executor does not find /home/x; expected it."
    unavailable = trace.replace("kgrec_gds.errors.ModelRunError", "neo4j.exceptions.ServiceUnavailable")
    assert _reason(unavailable) == "ServiceUnavailable: An executor does not find /home/x; expected it."
    memory = "numpy._core._exceptions._ArrayMemoryError: Unable to allocate 7 TiB"
    assert _reason(f"An error occurred.\n{memory}\n") == "_ArrayMemoryError: Unable to allocate 7 TiB."
    assert _reason("\n") == "no reason given."
    assert _reason("No executor was left\nat Java") == "No executor was left."
    java = "An error occurred while calling None.X.\n: java.lang.IllegalStateException: SparkContext was stopped.\n\tat A"
    assert _reason(java) == "IllegalStateException: SparkContext was stopped."
